# Registers with ctest what is not a unit test of this build: tests/suites/<name>/run against the
# release binary, with each answer of the REST API that it gets held against docs/openapi.json, and
# the thread sanitizer's unit tests. scripts/test builds those first and then turns this on, so that
# one ctest runs everything and its last line tells all.
option(PURSER_SUITES "Register tests/suites and the thread sanitizer's tests" OFF)
if(NOT PURSER_SUITES)
  return()
endif()

set(release_binary ${PROJECT_SOURCE_DIR}/build/release/bin/purser)
set(tools ${PROJECT_SOURCE_DIR}/build/tools)
set(run_recorded ${CMAKE_CURRENT_SOURCE_DIR}/suites/lib/run-recorded)
file(GLOB suites ${CMAKE_CURRENT_SOURCE_DIR}/suites/*/run)
foreach(suite ${suites})
  get_filename_component(folder ${suite} DIRECTORY)
  get_filename_component(name ${folder} NAME)
  add_test(NAME suite_${name} COMMAND ${run_recorded} ${name} WORKING_DIRECTORY ${folder})
  set_tests_properties(suite_${name} PROPERTIES
    RUN_SERIAL ON TIMEOUT 900
    ENVIRONMENT "PURSER_BINARY=${release_binary};PURSER_PYTHON=${tools}/python/bin/python;PURSER_NODE=${tools}/node/bin/node")
endforeach()

foreach(module ledger store http gateway)
  set(binary ${PROJECT_SOURCE_DIR}/build/tsan/bin/${module}_test)
  add_test(NAME tsan_${module} COMMAND ${PROJECT_SOURCE_DIR}/scripts/lib/without-aslr ${binary}
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endforeach()
