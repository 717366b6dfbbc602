// The job of `haloedge edges` as a user of libvips would write it: one streaming pipeline.
//   vips_edges INPUT OUTPUT THREADS none|deflate

#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

int main(int argc, char** argv) {
  if (argc != 5 || VIPS_INIT(argv[0]) != 0) return 2;
  vips_concurrency_set(atoi(argv[3]));

  VipsImage* weights = vips_image_new_matrixv(3, 1, 0.299, 0.587, 0.114);
  VipsImage* colour = vips_image_new_from_file(argv[1], "access", VIPS_ACCESS_SEQUENTIAL, NULL);
  VipsImage* gray = NULL;
  VipsImage* bytes = NULL;
  VipsImage* edges = NULL;
  if (colour == NULL || vips_recomb(colour, &gray, weights, NULL) != 0 ||
      vips_cast(gray, &bytes, VIPS_FORMAT_UCHAR, NULL) != 0 || vips_sobel(bytes, &edges, NULL) != 0 ||
      vips_tiffsave(
          edges, argv[2], "tile", TRUE, "tile_width", 256, "tile_height", 256, "compression",
          strcmp(argv[4], "deflate") == 0 ? VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE : VIPS_FOREIGN_TIFF_COMPRESSION_NONE,
          NULL) != 0) {
    vips_error_exit(NULL);
  }
  vips_shutdown();
  return 0;
}
