#define HALOEDGE_GRAY_SAMPLE std::uint16_t
#include "kernels/cpu/stencil-inl.hpp"
