# Finds the libraries of formats that haloedge can also be built without.
#
# haloedge_optional_library(NAME HEADER header LIBRARIES library... PACKAGE package [SUFFIXES folder...]): looks for a
# library as HALOEDGE_NAME, AUTO, ON or OFF, says. Sets HALOEDGE_WITH_NAME, and adds it to the target
# haloedge_optional_formats, with the definition HALOEDGE_HAS_NAME. PACKAGE is its name in Debian and Ubuntu.
add_library(haloedge_optional_formats INTERFACE)

function(haloedge_optional_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER;PACKAGE" "LIBRARIES;SUFFIXES")
  set(HALOEDGE_${name} AUTO CACHE STRING "Reading of ${name}: AUTO (where there is ${arg_PACKAGE}), ON or OFF")
  set_property(CACHE HALOEDGE_${name} PROPERTY STRINGS AUTO ON OFF)
  set(HALOEDGE_WITH_${name} OFF PARENT_SCOPE)
  if(NOT HALOEDGE_${name})
    return()
  endif()
  find_path(HALOEDGE_${name}_INCLUDE_DIR ${arg_HEADER} PATH_SUFFIXES ${arg_SUFFIXES})
  mark_as_advanced(HALOEDGE_${name}_INCLUDE_DIR)
  set(found ${HALOEDGE_${name}_INCLUDE_DIR})
  foreach(library IN LISTS arg_LIBRARIES)
    find_library(HALOEDGE_${library}_LIBRARY ${library})
    mark_as_advanced(HALOEDGE_${library}_LIBRARY)
    list(APPEND found ${HALOEDGE_${library}_LIBRARY})
  endforeach()
  if(found MATCHES "NOTFOUND")
    if(NOT HALOEDGE_${name} STREQUAL "AUTO")
      message(FATAL_ERROR "HALOEDGE_${name}=${HALOEDGE_${name}}: ${arg_PACKAGE} was not found. Install it, or use AUTO or OFF.")
    endif()
    return()
  endif()
  list(POP_FRONT found include)
  target_include_directories(haloedge_optional_formats SYSTEM INTERFACE ${include})
  target_link_libraries(haloedge_optional_formats INTERFACE ${found})
  target_compile_definitions(haloedge_optional_formats INTERFACE HALOEDGE_HAS_${name})
  set(HALOEDGE_WITH_${name} ON PARENT_SCOPE)
endfunction()

haloedge_optional_library(WEBP HEADER webp/demux.h LIBRARIES webpdemux webp PACKAGE libwebp-dev)
haloedge_optional_library(GIF HEADER gif_lib.h LIBRARIES gif PACKAGE libgif-dev)
haloedge_optional_library(JPEG2000 HEADER openjpeg.h LIBRARIES openjp2 PACKAGE libopenjp2-7-dev
  SUFFIXES openjpeg-2.5 openjpeg-2.4)
haloedge_optional_library(HEIF HEADER libheif/heif.h LIBRARIES heif PACKAGE libheif-dev)
