# Warnings for our own targets only: tl_warnings(target).
function(tl_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
    -Wnon-virtual-dtor -Werror)
  # Doubles must give the same bits everywhere: no fused multiply-add.
  target_compile_options(${target} PRIVATE -ffp-contract=off)
  if(NOT EMSCRIPTEN AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TL_UNOPTIMISED)
    target_compile_definitions(${target} PRIVATE _GLIBCXX_ASSERTIONS)
    target_compile_options(${target} PRIVATE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
endfunction()
