#define HALOEDGE_GRAY_SAMPLE std::uint8_t
#include "kernels/cpu/stencil-inl.hpp"
