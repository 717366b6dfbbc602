#include "formats/optional_readers.hpp"

// These stand in for readers whose libraries CMake did not find, or was told to leave out.
namespace haloedge {

#ifndef HALOEDGE_HAS_WEBP
OptionalReader webp_reader() { return {"libwebp", "", nullptr}; }
#endif

#ifndef HALOEDGE_HAS_GIF
OptionalReader gif_reader() { return {"giflib", "", nullptr}; }
#endif

#ifndef HALOEDGE_HAS_JPEG2000
OptionalReader jpeg2000_reader() { return {"OpenJPEG", "", nullptr}; }
#endif

#ifndef HALOEDGE_HAS_HEIF
OptionalReader heif_reader() { return {"libheif", "", nullptr}; }
#endif

}  // namespace haloedge
