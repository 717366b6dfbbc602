#include <memory>
#include <string>

#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "comm/launcher.hpp"
#include "commands/commands.hpp"
#include "core/number_text.hpp"
#include "edges/options.hpp"
#include "kernels/device_filter.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

void print_line(std::string_view key, std::string_view value) { fmt::print("{:<14}{}\n", key, value); }

/// Returns how much of a device's memory is free, or why the device cannot be used: another process may have reserved
/// it.
std::string memory_text(const kernels::Device& device) {
  try {
    return fmt::format("{} of {} free", size_text(kernels::free_device_memory(device.number)),
                       size_text(device.memory));
  } catch (const kernels::DeviceError& error) {
    return fmt::format("cannot be used ({})", error.what());
  }
}

void print_devices() {
  const kernels::Devices devices = kernels::find_devices();
  const std::string build = kernels::device_build();
  print_line("CUDA", build.empty() ? "not in this build" : "built with " + build);
  print_line("driver", devices.driver.empty() ? "none" : "for CUDA " + devices.driver);
  for (const kernels::Device& device : devices.found) {
    print_line(
        fmt::format("device {}", device.number),
        fmt::format("{}, capability {}, {}, at {}", device.name, device.capability, memory_text(device), device.bus));
  }
  if (!devices.why_none.empty()) {
    print_line("devices", (devices.found.empty() ? "none: " : "another device cannot be used: ") + devices.why_none);
  }
  print_line("MPI", fmt::format("{}; takes device pointers (CUDA-aware): {}", mpi_library_version(),
                                mpi_takes_device_pointers()));
}

/// Returns what the samples are that are read: "16-bit signed".
std::string samples_text(const ImageInfo& image) {
  if (image.is_float()) return image.type == kernels::SampleType::f32 ? "32-bit float" : "64-bit float";
  return fmt::format("{}-bit{}", 8 * kernels::sample_bytes(image.type), image.zero != 0 ? " signed" : "");
}

void print_image(const InputSpec& input) {
  const std::unique_ptr<Source> source = open_source(input);
  const ImageInfo& image = source->image();
  print_line("file", input.input);
  print_line("size", fmt::format("{} x {} px ({:.1f} Mpx)", count_text(image.width), count_text(image.height),
                                 static_cast<double>(image.width) * static_cast<double>(image.height) / 1e6));
  print_line("samples", fmt::format("{}, {} as read", count_text(image.channels, "channel"), samples_text(image)));
  print_line("as pixels", size_text(image.height * image.row_bytes()));
  if (image.nodata) print_line("no data", fmt::format("{}", *image.nodata));
  if (image.alpha_is_mask) print_line("mask", "where it is 0, there is no data");
  for (const auto& [key, value] : image.description) print_line(key, value);
  if (!image.note.empty()) print_line("note", image.note);
  const RowRange all{0, image.height};
  if (source->any_order()) {
    const auto units = source->units(all, usual_tile);
    print_line("read as",
               fmt::format("{} independent runs of rows, up to {} decode tasks each: every rank reads its own share",
                           units.size(), source->task_count(units.front())));
  } else {
    const auto sequences = source->sequences();
    print_line("read as", fmt::format("{} of rows, each decoded from its top by one rank and sent on to the others",
                                      count_text(std::ssize(sequences), "sequence")));
  }
}

}  // namespace

ExitCode run_info(const InfoCommand& command, Run& run) {
  if (!run.is_first_rank()) return ExitCode::done;
  if (!command.input.input.empty()) print_image(command.input);
  if (command.devices) print_devices();
  return ExitCode::done;
}

}  // namespace haloedge
