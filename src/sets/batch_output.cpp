#include <algorithm>
#include <atomic>
#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "sets/batch.hpp"
#include "sets/image_list.hpp"
#include "sink/image_encoder.hpp"
#include "sink/image_set.hpp"
#include "sink/output.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

class FolderOutput final : public BatchOutput {
 public:
  explicit FolderOutput(const BatchCommand& command)
      : BatchOutput(command), folder_(command.set.output), state_(folder_ / ".haloedge") {}

  /// Each part of a set has a folder of its own below that of the whole set, so that parts do not disturb each other.
  [[nodiscard]] fs::path run_folder() const override {
    const SetPart& part = command().part;
    return part.parts == 1 ? state_ : state_ / fmt::format("part-{}-of-{}", part.number, part.parts);
  }
  [[nodiscard]] fs::path failures_file() const override { return run_folder() / "failures.csv"; }
  [[nodiscard]] std::string ending() const override { return usual_ending(command().format); }
  [[nodiscard]] bool collects() const override { return false; }

  [[nodiscard]] bool check() const override {
    check_folder_name(
        command().set.output,
        "batch writes a folder (see --format), or one .h5 file, whose datasets it names after the images");
    std::error_code error;
    if (fs::exists(folder_, error) && !fs::is_directory(folder_, error)) {
      throw Error(fmt::format("{}: is not a folder", folder_.string()));
    }
    // Another part may begin at the same time: it makes its run folder before any edge map.
    const bool is_empty = !fs::exists(folder_, error) || fs::is_empty(folder_, error);
    const bool is_ours = is_empty || fs::exists(state_, error);
    if (!command().set.restart.overwrite && !is_ours) check_empty_folder(folder_);
    if (fs::exists(state_, error)) check_parts();
    return true;
  }

  [[nodiscard]] bool has(const Outcome& outcome) const override {
    // The file counts only if it has the size that the journal recorded when the file was complete.
    std::error_code error;
    const auto bytes = fs::file_size(folder_ / outcome.file.name, error);
    return !error && parse_number<std::uintmax_t>(outcome.result) == bytes;
  }

  void begin(int run, int rank) override {
    large_ = RunFolder::aside(run_folder(), run, rank, ending());
    files_.emplace(folder_, RunFolder::aside(run_folder(), run, rank, ""));
  }

  [[nodiscard]] bool too_large_to_encode(const TiledImage&) const override { return false; }
  [[nodiscard]] std::string temporary_for_large() const override { return large_.string(); }
  [[nodiscard]] std::vector<std::byte> encode(const SetImage& image, const kernels::ConstPixels& edges) const override {
    return encode_image(command().format, image.outcome.file.name, image.edge_map, edges);
  }

  void keep(SetImage& image) override {
    const std::string& name = image.outcome.file.name;
    if (image.made.empty()) {
      image.outcome.result = std::to_string(image.encoded.size());
      files_->write(name, image.encoded);
    } else {
      image.outcome.result = std::to_string(fs::file_size(image.made));
      files_->adopt(image.made, name);
    }
  }

  void complete(const std::vector<Outcome>&, const std::function<void()>&) override {
    RunFolder::mark_complete(run_folder());
  }

 private:
  /// Throws Error if earlier runs divide the set in another way, because images would be made twice, or if another part
  /// was started with other options.
  void check_parts() const {
    const int parts = command().part.parts;
    for (const fs::path& path : folder_contents(state_)) {
      const std::string name = path.filename().string();
      const bool is_part = name.starts_with("part-");
      const bool is_whole = name == RunFolder::description_file;
      const bool is_same_division = !is_part || name.ends_with(fmt::format("-of-{}", parts));
      if (parts == 1 ? is_part : is_whole || !is_same_division) {
        throw Error(
            fmt::format("{}: this folder was started {}, but this run is {}: divide the set as before, give another "
                        "folder, or remove {} and start over with --overwrite",
                        folder_.string(), is_part ? "as " + name : "without --part",
                        parts == 1 ? "without --part" : fmt::format("with {} parts", parts), state_.string()));
      }
      if (is_part && path != run_folder()) check_options_of(path);
    }
  }

  /// Throws UsageError if another part of the set was started with other options.
  void check_options_of(const fs::path& part) const {
    if (!fs::exists(part / RunFolder::description_file)) return;
    const auto without_part = [](const std::string& text) { return text.substr(0, text.rfind(" --part ")); };
    const auto differences =
        job_differences(without_part(read_text_file(part / RunFolder::description_file)), without_part(description()));
    if (!differences) return;
    throw UsageError(
        fmt::format("{}: {} of this folder was started with other options: give the same ones, give another folder, or "
                    "remove {} and start over with --overwrite{}",
                    folder_.string(), part.filename().string(), state_.string(), *differences));
  }

  fs::path folder_;
  fs::path state_;  ///< the folder of the journals of all parts
  fs::path large_;
  std::optional<ImageFolder> files_;
};

class Hdf5Output final : public BatchOutput {
 public:
  explicit Hdf5Output(const BatchCommand& command) : BatchOutput(command), file_(command.set.output) {}

  [[nodiscard]] fs::path run_folder() const override { return RunFolder::beside(file_); }
  [[nodiscard]] fs::path failures_file() const override { return file_.string() + ".failures.csv"; }
  [[nodiscard]] std::string ending() const override { return ""; }
  [[nodiscard]] bool collects() const override { return true; }

  [[nodiscard]] bool check() const override {
    const RestartOptions& restart = command().set.restart;
    const bool replaces = restart.overwrite || restart.resume;
    std::error_code unknown;
    if (!replaces && fs::is_regular_file(file_, unknown)) {
      throw Error(fmt::format("{}: already exists; --overwrite replaces the whole file, with all datasets in it",
                              file_.string()));
    }
    check_new_file(file_, replaces);
    return !restart.resume || !fs::exists(file_) || fs::exists(run_folder());
  }

  [[nodiscard]] bool has(const Outcome& outcome) const override {
    const PackedImage image = parse_packed_image(outcome.result);
    std::error_code error;
    const auto size = fs::file_size(run_folder() / image.file, error);
    const auto expected = static_cast<std::uintmax_t>(image.offset + image.bytes);
    return !error && (image.alone ? size == expected : size >= expected);
  }

  void begin(int run, int rank) override {
    label_ = fmt::format("{}-{}", run, rank);
    pack_.emplace(run_folder() / fmt::format("pack-{}", label_));
  }

  [[nodiscard]] bool too_large_to_encode(const TiledImage& edge_map) const override {
    // A dataset of at most this many bytes is one chunk, which HDF5 reads as a whole.
    constexpr std::int64_t largest_chunk = std::int64_t{256} << 20;
    return edge_map.height * edge_map.row_bytes() > largest_chunk;
  }
  [[nodiscard]] std::string temporary_for_large() const override {
    return fmt::format("{}:{}", (run_folder() / fmt::format("large-{}-{}.h5", label_, large_.load())).string(),
                       default_dataset);
  }
  [[nodiscard]] std::vector<std::byte> encode(const SetImage& image, const kernels::ConstPixels& edges) const override {
    return encode_chunk(image.edge_map.compression, edges);
  }

  void keep(SetImage& image) override {
    PackedImage kept;
    if (image.made.empty()) {
      kept = pack_->append(image.edge_map, image.encoded);
    } else {
      kept = {.file = image.made.filename().string(),
              .bytes = static_cast<std::int64_t>(fs::file_size(image.made)),
              .width = image.edge_map.width,
              .height = image.edge_map.height,
              .alone = true};
      ++large_;
    }
    image.outcome.result = packed_image_text(kept);
  }

  void complete(const std::vector<Outcome>& outcomes, const std::function<void()>& check_cancelled) override {
    std::vector<NamedImage> images;
    for (const Outcome& outcome : outcomes) {
      if (outcome.error.empty()) images.push_back({outcome.file.name, parse_packed_image(outcome.result)});
    }
    write_hdf5_set(file_, run_folder(), images, command().edge.type, command().edge.compression, check_cancelled);
    set_file_note(file_, description());
    RunFolder::remove(run_folder());
  }

 private:
  fs::path file_;
  std::string label_;
  std::optional<ImagePack> pack_;
  std::atomic<int> large_ = 0;  ///< number of large images, which have files of their own
};

}  // namespace

std::string BatchOutput::description() const {
  const SetPart& part = command_.part;
  const std::string part_text = part.parts == 1 ? "" : fmt::format(" --part {}/{}", part.number, part.parts);
  return fmt::format("batch\n--format {} {}{}{}\n", ending(), edge_options_text(command_.edge),
                     read_options_text({.bands = command_.set.bands}), part_text);
}

void BatchOutput::list_failures(const std::vector<Outcome>& outcomes) const {
  std::string text;
  for (const Outcome& outcome : outcomes) {
    const std::string& path = outcome.file.path;
    if (outcome.error.empty()) continue;
    text += fmt::format("{},{}\n", csv_field(path), csv_field(without_path(outcome.error, path)));
  }
  std::error_code none;
  if (text.empty()) {
    fs::remove(failures_file(), none);
  } else {
    write_text_file(failures_file(), "path,error\n" + text);
  }
}

ExitCode BatchOutput::report_complete(Run& run) const {
  std::int64_t failed = 0;
  bool allowed = true;
  if (run.is_first_rank() && fs::exists(failures_file())) {
    const std::string text = read_text_file(failures_file());
    CsvReader lines(text);
    std::vector<std::string> fields;
    (void)lines.next_line(fields);  // the heading
    while (lines.next_line(fields)) ++failed;
    const AllowedFailures& most = command_.set.allowed_failures;
    allowed =
        most.allow(failed, most.is_percentage ? std::ssize(list_images(command_.set, command_.set.output).files) : 0);
  }
  if (run.is_first_rank()) {
    const std::string& output = command_.set.output;
    report_finished(output, file_note(output), description(), run.options.quiet || failed > 0);
  }
  if (failed > 0) {
    fmt::print(stderr,
               "haloedge: {}: is complete except for the images listed in {}: use --overwrite to make all again\n",
               command_.set.output, failures_file().string());
  }
  return run.communicator.sum(allowed ? 0 : 1) > 0 ? ExitCode::some_images_failed : ExitCode::done;
}

std::unique_ptr<BatchOutput> make_batch_output(const BatchCommand& command) {
  if (format_of_name(command.set.output) == OutputFormat::hdf5) return std::make_unique<Hdf5Output>(command);
  return std::make_unique<FolderOutput>(command);
}

}  // namespace haloedge
