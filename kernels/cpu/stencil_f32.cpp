#define HALOEDGE_GRAY_SAMPLE float
#include "kernels/cpu/stencil-inl.hpp"
