# tl_optimised_first(target): puts all of the server's libraries that the target names before its own
# objects. Templates of the standard library and of JSON are linked from the first object that has them;
# a test's are not optimised, and would slow the code under test.
function(tl_optimised_first target)
  get_target_property(libraries ${target} LINK_LIBRARIES)
  list(FILTER libraries INCLUDE REGEX "^tl_(core|store|config|providers|destinations|http|app)$")
  list(TRANSFORM libraries REPLACE "(.+)" "$<TARGET_FILE:\\1>")
  target_link_options(${target} PRIVATE "LINKER:--whole-archive" ${libraries} "LINKER:--no-whole-archive")
endfunction()

# tl_files_as_tests(target label): one ctest test for each file of a test binary, under the file's name.
# One for each test case would spend more time starting processes than testing.
#   build/release/tests/<target> "a test's sentence*" runs a single one.
function(tl_files_as_tests target label)
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "_test\\.cpp$")
  foreach(source ${sources})
    get_filename_component(name ${source} NAME_WE)
    add_test(NAME ${name} COMMAND ${target} --filenames-as-tags "[#${name}]")
    set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 1500
      FAIL_REGULAR_EXPRESSION "No test cases matched|No tests ran")
  endforeach()
endfunction()
