#include "cli/command_line.hpp"
#include "cli/common_options.hpp"
#include "source/splitter.hpp"

namespace haloedge {

void add_split_options(OptionGroup group, SplitCommand& command) {
  add_input_options(group, command.input,
                    "an image file (TIFF, PNG, JPEG, JPEG 2000, WebP and others), or file.h5:/dataset")
      .required();
  group.text("-o,--output", command.folder, "the folder for the tile files; it is created if it does not exist")
      .placeholder("DIR")
      .required();
  add_grid(group, command.parts, "the rows and columns of tiles; the last ones take the rest").required();
  group.choice("--format", command.format,
               Choices<OutputFormat>{{"tiff", OutputFormat::tiff}, {"png", OutputFormat::png}},
               "the format of the tile files");
  group.flag("--overwrite", command.overwrite,
             "replace the tile files in the folder; those of another grid are removed");
  add_resource_options(group, command.common);
  add_message_options(group, command.common);
  group.footer("Example:\n  haloedge split world.tif -o parts --grid 2x3");
}

}  // namespace haloedge
