#include <memory>

#include <fmt/format.h>

#include "commands/run_command.hpp"
#include "core/size_text.hpp"
#include "source/open_source.hpp"

namespace haloedge {

void run_info(const InfoCommand& command, Communicator& communicator) {
  if (communicator.rank() != 0) return;
  const std::unique_ptr<Source> source = open_source(command.input);
  const ImageInfo& image = source->image();
  const char* type = image.type == kernels::SampleType::u8    ? "8-bit"
                     : image.type == kernels::SampleType::u16 ? "16-bit"
                                                              : "32-bit float";
  const auto line = [](std::string_view key, std::string_view value) { fmt::print("{:<14}{}\n", key, value); };
  line("file", command.input.input);
  line("size", fmt::format("{} x {} px ({:.1f} Mpx)", count_text(image.width), count_text(image.height),
                           static_cast<double>(image.width) * static_cast<double>(image.height) / 1e6));
  line("samples", fmt::format("{} channel(s), {} as read", image.channels, type));
  line("as pixels", size_text(image.width * image.height * image.pixel_bytes()));
  for (const auto& [key, value] : image.description) line(key, value);
  const RowRange all{0, image.height};
  if (source->any_order()) {
    constexpr std::int64_t usual_tile = 256;
    const auto units = source->units(all, usual_tile);
    line("read as",
         fmt::format("{} independent runs of rows, up to {} decode tasks each: every rank reads its own share",
                     units.size(), source->task_count(units.front())));
  } else {
    const auto sequences = source->sequences();
    line("read as",
         fmt::format("{} sequence(s) of rows, each decoded from its top by one rank and sent on to the others",
                     sequences.size()));
  }
}

}  // namespace haloedge
