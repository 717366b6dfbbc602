#include "commands/batch_output.hpp"

#include <optional>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/number_text.hpp"
#include "sink/image_encoder.hpp"
#include "sink/image_folder.hpp"
#include "sink/image_pack.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

class FolderOutput final : public BatchOutput {
 public:
  explicit FolderOutput(const BatchCommand& command) : command_(command), folder_(command.set.output) {}

  [[nodiscard]] fs::path run_folder() const override { return folder_ / ".haloedge"; }
  [[nodiscard]] fs::path failures_file() const override { return run_folder() / "failures.csv"; }
  [[nodiscard]] std::string ending() const override;
  [[nodiscard]] bool check() const override;
  [[nodiscard]] bool has(const Outcome& outcome) const override;
  void begin(int run, int rank) override;
  [[nodiscard]] std::string aside_for_large() const override { return large_.string(); }
  [[nodiscard]] std::vector<std::byte> encode(const OutputSpec& spec,
                                              const kernels::ConstPixels& edges) const override {
    return encode_image(spec, edges);
  }
  void keep(SetImage& image) override;
  void complete(const std::vector<Outcome>&) override {}

 private:
  const BatchCommand& command_;
  fs::path folder_;
  fs::path large_;
  std::optional<ImageFolder> files_;
};

std::string FolderOutput::ending() const {
  switch (command_.format) {
    case FileFormat::tiff:
      return ".tif";
    case FileFormat::jpeg:
      return ".jpg";
    case FileFormat::png:
      break;
  }
  return ".png";
}

bool FolderOutput::check() const {
  std::error_code error;
  if (fs::exists(folder_, error) && !fs::is_directory(folder_, error)) {
    throw Error(fmt::format("{}: is no folder", folder_.string()));
  }
  const bool is_ours = fs::exists(run_folder(), error);
  if (!command_.set.overwrite && !is_ours && fs::exists(folder_, error) && !fs::is_empty(folder_, error)) {
    throw Error(fmt::format("{}: holds files already: give another folder, or --overwrite", folder_.string()));
  }
  return true;
}

bool FolderOutput::has(const Outcome& outcome) const {
  // It is only trusted if it has the size that was written down when it was complete.
  std::error_code error;
  const auto bytes = fs::file_size(folder_ / outcome.file.name, error);
  return !error && parse_number<std::uintmax_t>(outcome.result) == bytes;
}

void FolderOutput::begin(int run, int rank) {
  large_ = RunFolder::aside(run_folder(), run, rank, ending());
  files_.emplace(folder_, RunFolder::aside(run_folder(), run, rank, ""));
}

void FolderOutput::keep(SetImage& image) {
  const std::string& name = image.outcome.file.name;
  if (image.made.empty()) {
    image.outcome.result = std::to_string(image.encoded.size());
    files_->write(name, image.encoded);
  } else {
    image.outcome.result = std::to_string(fs::file_size(image.made));
    files_->adopt(image.made, name);
  }
}

class Hdf5Output final : public BatchOutput {
 public:
  explicit Hdf5Output(const BatchCommand& command) : command_(command), file_(command.set.output) {}

  [[nodiscard]] fs::path run_folder() const override {
    return file_.parent_path() / fmt::format(".{}.run", file_.filename().string());
  }
  [[nodiscard]] fs::path failures_file() const override { return file_.string() + ".failures.csv"; }
  [[nodiscard]] std::string ending() const override { return ""; }
  [[nodiscard]] bool check() const override {
    check_new_file(file_, command_.set.overwrite || command_.set.resume);
    return !command_.set.resume || !fs::exists(file_) || fs::exists(run_folder());
  }
  [[nodiscard]] bool has(const Outcome& outcome) const override;
  void begin(int run, int rank) override;
  [[nodiscard]] std::string aside_for_large() const override {
    return fmt::format("{}:{}", (run_folder() / fmt::format("large-{}-{}.h5", label_, large_)).string(), lone_dataset);
  }
  [[nodiscard]] std::vector<std::byte> encode(const OutputSpec& spec,
                                              const kernels::ConstPixels& edges) const override {
    return encode_chunk(spec, edges);
  }
  void keep(SetImage& image) override;
  void complete(const std::vector<Outcome>& outcomes) override;

 private:
  const BatchCommand& command_;
  fs::path file_;
  std::string label_;
  std::optional<ImagePack> pack_;
  std::atomic<int> large_ = 0;  ///< images kept in files of their own
};

bool Hdf5Output::has(const Outcome& outcome) const {
  const PackedImage image = parse_packed_image(outcome.result);
  std::error_code error;
  const auto size = fs::file_size(run_folder() / image.file, error);
  return !error && size >= static_cast<std::uintmax_t>(image.offset + image.bytes);
}

void Hdf5Output::begin(int run, int rank) {
  label_ = fmt::format("{}-{}", run, rank);
  pack_.emplace(run_folder() / fmt::format("pack-{}", label_));
}

void Hdf5Output::keep(SetImage& image) {
  PackedImage kept{.file = image.made.filename().string()};
  if (image.made.empty()) {
    kept = pack_->append(image.output, image.encoded);
  } else {
    ++large_;
  }
  image.outcome.result = packed_image_text(kept);
}

void Hdf5Output::complete(const std::vector<Outcome>& outcomes) {
  std::vector<NamedImage> images;
  for (const Outcome& outcome : outcomes) {
    if (outcome.error.empty()) images.push_back({outcome.file.name, parse_packed_image(outcome.result)});
  }
  write_hdf5_set(file_, run_folder(), images, command_.edge.type, command_.edge.compression);
  fs::remove_all(run_folder());
}

}  // namespace

std::unique_ptr<BatchOutput> make_batch_output(const BatchCommand& command) {
  const fs::path ending = fs::path(command.set.output).extension();
  if (ending == ".h5" || ending == ".hdf5") return std::make_unique<Hdf5Output>(command);
  return std::make_unique<FolderOutput>(command);
}

}  // namespace haloedge
