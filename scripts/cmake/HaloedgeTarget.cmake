# haloedge_target(NAME): sets the compile options of a target of this project.
#
# -Wno-missing-field-initializers: designated initialisers name only the fields that differ from the defaults.
# -ffp-contract=off, -fmad=false: a fused multiply-add rounds once instead of twice, so that backends would differ.
function(haloedge_target name)
  set_target_properties(${name} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
  target_compile_options(${name} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                              -Woverloaded-virtual -Wold-style-cast -Wno-missing-field-initializers
                              -ffp-contract=off>
    $<$<AND:$<BOOL:${HALOEDGE_WERROR}>,$<COMPILE_LANGUAGE:CXX>>:-Werror>
    $<$<COMPILE_LANGUAGE:CUDA>:-fmad=false -Xcompiler=-Wall,-Wextra,-ffp-contract=off -Xptxas=--warn-on-spills>
    $<$<AND:$<BOOL:${HALOEDGE_WERROR}>,$<COMPILE_LANGUAGE:CUDA>>:-Werror=all-warnings -Xptxas=--warning-as-error>)
  if(HALOEDGE_SANITIZE)
    target_compile_options(${name} PUBLIC -fsanitize=${HALOEDGE_SANITIZE} -fno-omit-frame-pointer -g)
    target_compile_definitions(${name} PUBLIC HALOEDGE_SANITIZED)
    target_link_options(${name} PUBLIC -fsanitize=${HALOEDGE_SANITIZE})
  endif()
endfunction()

# haloedge_library(NAME SOURCES... [DEPENDS targets...]): makes the library of a folder of src/ or kernels/.
function(haloedge_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS")
  add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS})
  haloedge_target(${name})
endfunction()
