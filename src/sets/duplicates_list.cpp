#include <cerrno>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/fields.hpp"
#include "core/number_text.hpp"
#include "core/whole_file.hpp"
#include "sets/duplicates.hpp"

namespace haloedge {

namespace {

using nlohmann::json;

json to_json(const HashedImage& image) {
  return {{"path", image.file.path},
          {"hash", fmt::format("{:016x}", image.hash)},
          {"width", image.width},
          {"height", image.height},
          {"bytes", image.file.bytes}};
}

std::string csv_columns(const HashedImage& image) {
  return fmt::format("{},{:016x},{},{},{}\n", csv_field(image.file.path), image.hash, image.width, image.height,
                     image.file.bytes);
}

std::string text_line(const HashedImage& image) {
  return fmt::format("{}  ({} x {}, {})\n", image.file.path, image.width, image.height, size_text(image.file.bytes));
}

/// Replaces bytes of file names that are not UTF-8, because JSON must be UTF-8.
std::string dump(const json& value) { return value.dump(2, ' ', false, json::error_handler_t::replace) + '\n'; }

std::string list_text(const std::vector<HashedImage>& images, const ImageGroups& groups,
                      const DuplicatesCommand& command) {
  if (command.format == ListFormat::json) {
    json list = json::array();
    for (const auto& group : groups) {
      json members = json::array();
      for (const std::uint32_t place : group) members.push_back(to_json(images[place]));
      list.push_back(members);
    }
    return dump({{"distance", command.distance}, {"images", images.size()}, {"groups", list}});
  }
  const bool csv = command.format == ListFormat::csv;
  std::string text = csv ? "group,path,hash,width,height,bytes\n" : "";
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!csv) text += fmt::format("{} images:\n", groups[i].size());
    for (const std::uint32_t place : groups[i]) {
      text += csv ? fmt::format("{},{}", i + 1, csv_columns(images[place])) : "  " + text_line(images[place]);
    }
  }
  if (!csv) text += summary(images, groups, command.distance) + '\n';
  return text;
}

std::string list_text(const std::vector<HashedImage>& images, const Matches& matches,
                      const DuplicatesCommand& command) {
  if (command.format == ListFormat::json) {
    json list = json::array();
    for (const auto& [distance, image] : matches.nearest_first) {
      list.push_back(to_json(*image));
      list.back()["distance"] = distance;
    }
    return dump({{"query", command.query}, {"hash", fmt::format("{:016x}", matches.query.hash)}, {"matches", list}});
  }
  const bool csv = command.format == ListFormat::csv;
  std::string text = csv ? "distance,path,hash,width,height,bytes\n" : "";
  for (const auto& [distance, image] : matches.nearest_first) {
    text += csv ? fmt::format("{},{}", distance, csv_columns(*image))
                : fmt::format("{:>2}  {}", distance, text_line(*image));
  }
  if (!csv) text += summary(images, matches) + '\n';
  return text;
}

void write_text(const std::string& text, const std::string& file) {
  if (!file.empty()) return write_text_file(file, text);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) throw Error(fmt::format("the list cannot be written: {}", errno_text(errno)));
}

}  // namespace

std::string summary(const std::vector<HashedImage>& images, const ImageGroups& groups, int distance) {
  std::int64_t grouped = 0;
  for (const auto& group : groups) grouped += std::ssize(group);
  return fmt::format("{} group(s) of {} images, among {} (distance {})", count_text(std::ssize(groups)),
                     count_text(grouped), count_text(std::ssize(images)), distance);
}

std::string summary(const std::vector<HashedImage>& images, const Matches& matches) {
  return fmt::format("{} image(s) near {}, among {}", matches.nearest_first.size(), matches.query.file.path,
                     images.size());
}

void write_list(const std::vector<HashedImage>& images, const ImageGroups& groups, const DuplicatesCommand& command) {
  write_text(list_text(images, groups, command), command.output);
}

void write_list(const std::vector<HashedImage>& images, const Matches& matches, const DuplicatesCommand& command) {
  write_text(list_text(images, matches, command), command.output);
}

}  // namespace haloedge
