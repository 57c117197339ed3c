# tl_embed(target variable file): compiles a file's bytes into the target as
#   extern "C" const unsigned char variable[];  extern "C" const std::size_t variable_size;
# through the assembler's .incbin, so large files cost no compile time.
enable_language(ASM)
function(tl_embed target variable file)
  get_filename_component(absolute ${file} ABSOLUTE)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded/${variable}.S)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [[
.section .rodata
.global @variable@
.global @variable@_size
.balign 16
@variable@:
.incbin "@absolute@"
1:
.balign 8
@variable@_size:
.quad 1b - @variable@
.section .note.GNU-stack,"",%progbits
]])
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${absolute})
  target_sources(${target} PRIVATE ${source})
endfunction()
