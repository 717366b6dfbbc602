# haloedge_unit_test(NAME SOURCES... [DEPENDS targets...] [TEST_FILTER pattern]): GoogleTests that need no MPI, with one
# ctest entry for each test case.
function(haloedge_unit_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TEST_FILTER" "DEPENDS")
  if(arg_TEST_FILTER)
    set(filter TEST_PREFIX ${name}. TEST_FILTER ${arg_TEST_FILTER})
  endif()
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} GTest::gtest GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  haloedge_target(${name})
  gtest_discover_tests(${name} ${filter} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()

# haloedge_mpi_test(NAME RANKS n... SOURCES... [DEPENDS targets...] [TIMEOUT s]): GoogleTests that mpirun runs once for each
# number of ranks. Waiting ranks yield, so that more ranks than cores do not slow each other down.
function(haloedge_mpi_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "RANKS;DEPENDS;SOURCES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} GTest::gtest)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  haloedge_target(${name})
  foreach(ranks IN LISTS arg_RANKS)
    add_test(NAME ${name}.${ranks}_ranks
      COMMAND ${MPIEXEC_EXECUTABLE} -n ${ranks} --oversubscribe --bind-to none --mca mpi_yield_when_idle 1 $<TARGET_FILE:${name}>)
    set_tests_properties(${name}.${ranks}_ranks PROPERTIES
      LABELS "mpi;ranks_${ranks}" TIMEOUT ${arg_TIMEOUT} PROCESSORS 2
      ENVIRONMENT "OMPI_ALLOW_RUN_AS_ROOT=1;OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
  endforeach()
endfunction()
