#include "set_fixture.hpp"

#include <fmt/format.h>
#include <tiffio.h>

#include "pictures.hpp"
#include "sets.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {

namespace fs = std::filesystem;

ScratchFolder* DisturbedSet::set_files = nullptr;

void DisturbedSet::SetUpTestSuite() {
  set_files = new ScratchFolder;
  const Picture large = make_picture(900, 700, 3);
  constexpr int different = 60;
  constexpr std::int64_t height = 300;
  constexpr std::int64_t width = 400;
  for (int i = 0; i < count; ++i) {
    const char* ending = i % 5 == 0 ? "png" : i % 5 == 1 ? "tif" : "jpg";
    const auto path = [&](int number) { return *set_files / fmt::format("set/{}/{}.{}", number % 7, number, ending); };
    fs::create_directories(path(i).parent_path());
    if (i >= different) {
      fs::create_hard_link(path(i % different), path(i));
      continue;
    }
    const Picture picture = crop(large, 3 * i, 5 * i, height, width);
    if (i % 5 == 0) {
      write_png(picture, path(i));
    } else if (i % 5 == 1) {
      write_tiff(picture, path(i), TiffForm::strips, COMPRESSION_NONE);
    } else {
      write_jpeg(picture, path(i));
    }
  }
  write_bytes(*set_files / "set/broken.png", "no PNG");
}

void DisturbedSet::TearDownTestSuite() {
  delete set_files;
  set_files = nullptr;
}

std::string DisturbedSet::output(const std::string& command) const {
  return folder() + (command == "batch" ? "/out" : "/out.csv");
}

std::string DisturbedSet::arguments(const std::string& command) const {
  return fmt::format("{} {} -o {} --threads 1", command, set(), output(command));
}

fs::path DisturbedSet::run_folder(const std::string& command) const {
  return scratch_ / (command == "batch" ? "out/.haloedge" : ".out.csv.run");
}

std::int64_t DisturbedSet::journal_bytes(const std::string& command) const {
  std::int64_t bytes = 0;
  std::error_code gone;
  for (fs::directory_iterator entry(run_folder(command), gone), end; !gone && entry != end; entry.increment(gone)) {
    if (entry->path().filename().string().rfind("journal-", 0) != 0) continue;
    const auto size = entry->file_size(gone);
    if (!gone) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

std::map<std::string, std::string> DisturbedSet::made(const std::string& command) const {
  const fs::path path = output(command);
  if (!fs::exists(path)) return {};
  if (command == "batch") return files_below(path);
  return {{path.filename().string(), file_content(path)}};
}

const std::map<std::string, std::string>& DisturbedSet::expected(const std::string& command) {
  static std::map<std::string, std::map<std::string, std::string>> by_command_and_set;  // tables name the set's files
  auto& files = by_command_and_set[command + ' ' + set()];
  if (!files.empty()) return files;
  const fs::path path = *set_files / (command == "batch" ? "out" : "out.csv");
  const RunResult result =
      run_haloedge(fmt::format("{} {} -o {} --overwrite -q", command, set(), path.string()), {.ranks = 2});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  files = command == "batch" ? files_below(path)
                             : std::map<std::string, std::string>{{path.filename().string(), file_content(path)}};
  return files;
}

std::string DisturbedSet::wrong(const std::string& command) const {
  std::string text;
  for (const auto& [name, content] : made(command)) {
    const auto right = expected(command).find(name);
    if (right == expected(command).end() || right->second != content) text += name + '\n';
  }
  return text;
}

}  // namespace haloedge
