# A test program is called ROOM_test or ROOM_SUBJECT_test; ctest entries begin with ROOM.

# Sanitizers make programs up to 30 times slower. This property replaces the time limit of any test.
if(HALOEDGE_SANITIZE)
  set(HALOEDGE_SANITIZED_TIMEOUT TIMEOUT 1800)
endif()

# haloedge_discover_tests(PROGRAM [VARIANT word] [TEST_FILTER pattern] PROPERTIES [name value]...): makes one ctest
# entry for each GoogleTest of the program. HaloedgeListTests.cmake names the entries; VARIANT distinguishes entries
# that run the same tests twice.
function(haloedge_discover_tests program)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "VARIANT;TEST_FILTER" "PROPERTIES")
  string(REGEX REPLACE "_.*" "" room ${program})
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${program}_${arg_VARIANT}_list.cmake)
  add_custom_command(TARGET ${program} POST_BUILD
    BYPRODUCTS ${list}
    COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:${program}> -D ROOM=${room} -D VARIANT=${arg_VARIANT} -D FILTER=${arg_TEST_FILTER}
      -D OUTPUT=${list} -P ${PROJECT_SOURCE_DIR}/scripts/cmake/HaloedgeListTests.cmake
    VERBATIM)
  set(properties)
  foreach(word IN LISTS arg_PROPERTIES HALOEDGE_SANITIZED_TIMEOUT)
    string(APPEND properties " [==[${word}]==]")
  endforeach()
  set(include ${CMAKE_CURRENT_BINARY_DIR}/${program}_${arg_VARIANT}_include.cmake)
  file(GENERATE OUTPUT ${include} CONTENT
"if(EXISTS [==[${list}]==])
  include([==[${list}]==])
  set_tests_properties(\${names} PROPERTIES SKIP_REGULAR_EXPRESSION [==[\\[  SKIPPED \\]]==]${properties})
else()
  add_test(${program}_NOT_BUILT ${program}_NOT_BUILT)
endif()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${include})
endfunction()

# haloedge_test_target(NAME): sets the compile options of a target that only tests use. Tests are compiled faster with
# fewer optimisations than the program, and take no longer.
function(haloedge_test_target name)
  haloedge_target(${name})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_options(${name} PRIVATE $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Release>>:-O1>)
endfunction()

# haloedge_unit_test(NAME SOURCES... [DEPENDS targets...] [VARIANT word] [TEST_FILTER pattern]): builds GoogleTests that
# need no MPI, and makes one ctest entry for each.
function(haloedge_unit_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "VARIANT;TEST_FILTER" "DEPENDS")
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} GTest::gtest GTest::gtest_main)
  haloedge_test_target(${name})
  haloedge_discover_tests(${name} VARIANT ${arg_VARIANT} TEST_FILTER ${arg_TEST_FILTER} PROPERTIES TIMEOUT 300)
endfunction()

# haloedge_mpi_test(NAME RANKS n... SOURCES... [DEPENDS targets...] [TIMEOUT s]): builds GoogleTests that mpirun runs
# once for each number of ranks. Ranks that wait yield, so that more ranks than cores do not slow each other down.
function(haloedge_mpi_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "RANKS;DEPENDS;SOURCES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} GTest::gtest)
  haloedge_test_target(${name})
  string(REGEX REPLACE "^([^_]*)_(.*)_test$" "\\1.\\2" test ${name})
  foreach(ranks IN LISTS arg_RANKS)
    add_test(NAME ${test}.${ranks}_ranks
      COMMAND ${MPIEXEC_EXECUTABLE} -n ${ranks} --oversubscribe --bind-to none --mca mpi_yield_when_idle 1 $<TARGET_FILE:${name}>)
    set_tests_properties(${test}.${ranks}_ranks PROPERTIES
      LABELS "mpi;ranks_${ranks}" TIMEOUT ${arg_TIMEOUT} PROCESSORS 2 ${HALOEDGE_SANITIZED_TIMEOUT}
      ENVIRONMENT "OMPI_ALLOW_RUN_AS_ROOT=1;OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
  endforeach()
endfunction()
