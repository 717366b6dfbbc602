#include "edges_fixture.hpp"

#include <filesystem>
#include <map>
#include <memory>

#include <fmt/format.h>
#include <tiff.h>

#include "pictures.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {

namespace fs = std::filesystem;

namespace {

std::unique_ptr<ScratchFolder> image_folder;
std::map<std::string, std::string> expected_files;  // by options

/// Returns a command line with many small tiles, so that there are many moments at which the run can be disturbed.
std::string edges(const std::string& output, const std::string& options) {
  return fmt::format("edges {}/in.tif -o {} --tile 64 --threads 1 -q {}", image_folder->path().string(), output,
                     options);
}

}  // namespace

void DisturbedEdges::SetUpTestSuite() {
  image_folder = std::make_unique<ScratchFolder>();
  write_tiff(make_picture(1500, 9000, 3), image(), TiffForm::tiles, COMPRESSION_ADOBE_DEFLATE);
  fs::copy_file(image(), copy_of_image());
}

void DisturbedEdges::TearDownTestSuite() {
  image_folder.reset();
  expected_files.clear();
}

std::string DisturbedEdges::image() { return (*image_folder / "in.tif").string(); }

std::string DisturbedEdges::copy_of_image() { return (*image_folder / "copy.tif").string(); }

std::string DisturbedEdges::arguments(const std::string& options, const std::string& output) const {
  return edges(output.empty() ? this->output() : output, options + " --backend reference");
}

const std::string& DisturbedEdges::expected(const std::string& options) {
  const auto [entry, is_new] = expected_files.try_emplace(options);
  if (is_new) {
    const std::string path = (*image_folder / "expected.tif").string();
    const RunResult run = run_haloedge(edges(path, options + " --overwrite"));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    entry->second = file_content(path);
  }
  return entry->second;
}

std::int64_t DisturbedEdges::journal_bytes() const {
  std::int64_t bytes = 0;
  std::error_code gone;
  for (fs::directory_iterator entry(scratch_ / ".out.tif.run", gone), end; !gone && entry != end;
       entry.increment(gone)) {
    if (!entry->path().filename().string().starts_with("journal-")) continue;
    const auto size = entry->file_size(gone);
    if (!gone) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

void DisturbedEdges::clear() const {
  for (const char* name : {"out.tif", ".out.tif.partial", ".out.tif.run"}) fs::remove_all(scratch_ / name);
}

}  // namespace haloedge
