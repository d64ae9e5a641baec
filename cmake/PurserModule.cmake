# A module is one static library whose public headers lie in src/<name>/include. It links what it
# may include PRIVATE, so a header of a module that DESIGN does not allow is not on the include path.
#
#   purser_module(ledger SOURCES apply.cpp MODULES base)
#
# A public header that mentions another module's types makes its user need that module too: the
# user names both. `THIRD_PARTY` takes imported targets.
function(purser_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                           -Wno-sign-conversion -Wnon-virtual-dtor -Werror)
  if(PURSER_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${PURSER_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${PURSER_SANITIZE})
    if(PURSER_SANITIZE STREQUAL "thread")
      target_compile_options(${target} PRIVATE -Wno-tsan)
    endif()
  endif()
endfunction()

# What one thread allocates another frees, at every request: with the C library's allocator a sixth
# of the CPU goes there. Sanitizers bring their own. The shared object alone is needed, no headers.
function(purser_allocator target)
  if(PURSER_SANITIZE)
    return()
  endif()
  find_library(TCMALLOC NAMES libtcmalloc_minimal.so.4)
  if(TCMALLOC)
    target_link_libraries(${target} PRIVATE ${TCMALLOC})
  else()
    message(STATUS "libtcmalloc_minimal.so.4 is missing: ${target} will be slower")
  endif()
endfunction()

function(purser_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;MODULES;THIRD_PARTY" ${ARGN})
  set(target purser_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/include)
  foreach(module ${ARG_MODULES})
    target_link_libraries(${target} PRIVATE purser_${module})
  endforeach()
  target_link_libraries(${target} PRIVATE ${ARG_THIRD_PARTY})
  purser_options(${target})
endfunction()

# purser_test(ledger SOURCES a_test.cpp MODULES ledger base): one test binary a module, run by ctest.
function(purser_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;MODULES;THIRD_PARTY" ${ARGN})
  set(target ${name}_test)
  add_executable(${target} ${ARG_SOURCES})
  foreach(module ${ARG_MODULES})
    target_link_libraries(${target} PRIVATE purser_${module})
  endforeach()
  target_link_libraries(${target} PRIVATE ${ARG_THIRD_PARTY} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${target} PRIVATE PURSER_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  purser_options(${target})
  add_test(NAME ${name} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()
