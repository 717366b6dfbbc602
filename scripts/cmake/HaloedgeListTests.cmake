# Writes one add_test line for each test of a GoogleTest program, and the list of their names. Run it by cmake -P after
# the program was built. Variables: PROGRAM, ROOM, VARIANT (or empty), FILTER (or empty), OUTPUT.
#
# ctest names are lower-case words with dots: Ranks/EdgesResume.AfterKills/3_ranks of edges_resume_test is called
# edges.resume.after_kills.3_ranks. The first word is the room; a suite's name need not repeat it. "Test" at the end of
# a suite's name is left out, and so is the name of an instantiation unless the suite has several.
cmake_minimum_required(VERSION 3.25)

# snake_case(OUT TEXT): sets OUT to TEXT, which is in CamelCase, in snake_case.
function(snake_case out text)
  string(REGEX REPLACE "([a-z0-9])([A-Z])" "\\1_\\2" text "${text}")
  string(REGEX REPLACE "([A-Z])([A-Z][a-z])" "\\1_\\2" text "${text}")
  string(TOLOWER "${text}" text)
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

set(filter)
if(FILTER)
  set(filter --gtest_filter=${FILTER})
endif()
execute_process(COMMAND ${PROGRAM} --gtest_list_tests ${filter} OUTPUT_VARIABLE output TIMEOUT 60 COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE " +#[^\n]*" "" output "${output}")  # removes the values of parameters
string(REGEX MATCHALL "[^\n]+" lines "${output}")

# Finds the suites that have several instantiations.
set(known)
set(repeated)
foreach(line IN LISTS lines)
  if(line MATCHES "^[A-Za-z0-9_]+/([A-Za-z0-9_]+)\\.$")
    if(CMAKE_MATCH_1 IN_LIST known)
      list(APPEND repeated ${CMAKE_MATCH_1})
    endif()
    list(APPEND known ${CMAKE_MATCH_1})
  endif()
endforeach()

set(names)
set(script)
foreach(line IN LISTS lines)
  if(line MATCHES "^(([A-Za-z_][A-Za-z0-9_]*)/)?([A-Za-z_][A-Za-z0-9_]*)(/([A-Za-z0-9_]+))?\\.$")
    set(suite ${line})
    set(instantiation ${CMAKE_MATCH_2})
    set(type ${CMAKE_MATCH_5})
    set(suite_name ${CMAKE_MATCH_3})
    snake_case(subject ${suite_name})
    string(REGEX REPLACE "^${ROOM}(_|$)|_test$" "" subject "${subject}")
    set(words ${ROOM} ${VARIANT} ${subject})
    set(instance)
    if(suite_name IN_LIST repeated)
      snake_case(instance ${instantiation})
    endif()
  elseif(line MATCHES "^  (([A-Za-z0-9_]+)(/([A-Za-z0-9_]+))?)$")
    set(test ${CMAKE_MATCH_1})
    set(parameter ${CMAKE_MATCH_4})
    snake_case(case ${CMAKE_MATCH_2})
    string(TOLOWER "${parameter}" parameter)
    string(TOLOWER "${type}" type)
    set(all_words ${words} ${case} ${instance} ${type} ${parameter})
    list(JOIN all_words . name)
    if(name IN_LIST names)
      message(FATAL_ERROR "${PROGRAM}: two tests would be called ${name}")
    endif()
    list(APPEND names ${name})
    string(APPEND script "add_test(${name} [==[${PROGRAM}]==] --gtest_filter=${suite}${test} --gtest_also_run_disabled_tests)\n")
  endif()
endforeach()
list(JOIN names " " names)
file(WRITE ${OUTPUT} "${script}set(names ${names})\n")
