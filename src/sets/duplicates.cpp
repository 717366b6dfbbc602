#include "sets/duplicates.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "core/threads.hpp"
#include "measures/thumbnail.hpp"
#include "run/report.hpp"
#include "sets/memory_gate.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The line that sums up a list and its page.

/// Says how many images are left out; empty if all are compared.
std::string left_out_text(const ComparedImages& compared) {
  const std::int64_t flat = compared.flat_left_out;
  if (flat == 0) return "";
  return fmt::format("; {} left out (--flat compares {}, too)", count_text(flat, "flat image"),
                     flat == 1 ? "it" : "them");
}

std::string summary(const ComparedImages& compared, const ImageGroups& groups, int distance) {
  const std::int64_t images = std::ssize(compared.images);
  std::int64_t grouped = 0;
  for (const auto& group : groups) grouped += std::ssize(group);
  const std::string found = groups.empty() ? fmt::format("no near-duplicates among {}", count_text(images, "image"))
                                           : fmt::format("{} of {}, among {}", count_text(std::ssize(groups), "group"),
                                                         count_text(grouped, "image"), count_text(images));
  return fmt::format("{} (distance {}){}", found, distance, left_out_text(compared));
}

std::string summary(const ComparedImages& compared, const Matches& matches) {
  return fmt::format("{} near {}, among {}{}", count_text(std::ssize(matches.nearest_first), "image"),
                     matches.query.file.path, count_text(std::ssize(compared.images)), left_out_text(compared));
}

// The list.

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
  return fmt::format("{}  ({} x {}, {})\n", printable(image.file.path), image.width, image.height,
                     size_text(image.file.bytes));
}

std::string list_text(const ComparedImages& compared, const ImageGroups& groups, const DuplicatesCommand& command) {
  const std::vector<HashedImage>& images = compared.images;
  if (command.format == ListFormat::json) {
    json list = json::array();
    for (const auto& group : groups) {
      json members = json::array();
      for (const std::uint32_t place : group) members.push_back(to_json(images[place]));
      list.push_back(members);
    }
    return json_text({{"distance", command.distance},
                      {"images", images.size()},
                      {"flat_left_out", compared.flat_left_out},
                      {"groups", list}});
  }
  const bool csv = command.format == ListFormat::csv;
  std::string text = csv ? "group,path,hash,width,height,bytes\n" : "";
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!csv) text += fmt::format("{} images:\n", groups[i].size());
    for (const std::uint32_t place : groups[i]) {
      text += csv ? fmt::format("{},{}", i + 1, csv_columns(images[place])) : "  " + text_line(images[place]);
    }
  }
  if (!csv) text += summary(compared, groups, command.distance) + '\n';
  return text;
}

std::string list_text(const ComparedImages& compared, const Matches& matches, const DuplicatesCommand& command) {
  if (command.format == ListFormat::json) {
    json list = json::array();
    for (const auto& [distance, image] : matches.nearest_first) {
      list.push_back(to_json(*image));
      list.back()["distance"] = distance;
    }
    return json_text({{"query", command.query},
                      {"hash", fmt::format("{:016x}", matches.query.hash)},
                      {"flat_left_out", compared.flat_left_out},
                      {"matches", list}});
  }
  const bool csv = command.format == ListFormat::csv;
  std::string text = csv ? "distance,path,hash,width,height,bytes\n" : "";
  for (const auto& [distance, image] : matches.nearest_first) {
    text += csv ? fmt::format("{},{}", distance, csv_columns(*image))
                : fmt::format("{:>2}  {}", distance, text_line(*image));
  }
  if (!csv) text += printable(summary(compared, matches)) + '\n';
  return text;
}

void write_text(const std::string& text, const std::string& file) {
  if (!file.empty()) return write_text_file(file, text);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) throw Error(fmt::format("the list cannot be written: {}", errno_text(errno)));
}

// The page.

constexpr std::int64_t thumbnail_side = 160;

/// The page shows no more images than this, because browsers get slow.
constexpr std::int64_t max_images = 2000;

/// The page loads and runs nothing, whatever the names of the images are.
constexpr std::string_view page_head = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>
:root { color-scheme: light dark; --ground: #fff; --card: #f3f3f1; --text: #222; --faint: #666; --link: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #181818; --card: #262626; --text: #e4e4e4; --faint: #a0a0a0; --link: #8ab8f0; }
}
body { margin: 1.5rem; font: 14px/1.4 system-ui, sans-serif; color: var(--text); background: var(--ground); }
h1 { font-size: 1.4rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
p { margin: .3rem 0; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
section { margin-top: 1.5rem; content-visibility: auto; contain-intrinsic-size: auto 18rem; }
ul { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0; padding: 0; list-style: none; }
li { width: 176px; padding: 8px; box-sizing: border-box; border-radius: 6px; background: var(--card); }
.picture { display: flex; height: 160px; margin-bottom: 6px; align-items: center; justify-content: center; }
.broken { box-sizing: border-box; padding: 6px; overflow: auto; border: 1px dashed var(--faint); color: var(--faint);
  align-items: flex-start; font-size: 12px; overflow-wrap: anywhere; }
.path { display: block; unicode-bidi: isolate; overflow-wrap: anywhere; }
.facts, .note { color: var(--faint); }
</style>
)";

/// Number of bits in which the hashes differ.
int distance_of(const HashedImage& a, const HashedImage& b) { return std::popcount(a.hash ^ b.hash); }

/// Returns a link to the file that is relative to the folder of the page or, if that cannot be found out, absolute.
std::string link_to(const std::string& image, const fs::path& folder) {
  try {
    const fs::path file = fs::absolute(input_file(image));
    return url_path((fs::weakly_canonical(file.parent_path()) / file.filename()).lexically_relative(folder).string());
  } catch (const fs::filesystem_error&) {
    return "file://" + url_path((fs::current_path() / image).string());
  }
}

/// An image on the page.
struct PageImage {
  const HashedImage* image = nullptr;  ///< an element of a list that must outlive this
  std::string distance{};              ///< "distance 3", with what it is measured from; empty if there is none
};

/// Returns the picture of an image, or the reason why there is none.
std::string picture_html(const std::string& path, MemoryGate& gate) {
  try {
    const auto source = open_image(path);
    const MemoryGate::Lease memory = gate.borrow(thumbnail_bytes(*source, thumbnail_side));
    const Thumbnail thumbnail = make_thumbnail(*source, thumbnail_side, gate.limit());
    return fmt::format(
        R"(<span class="picture"><img alt="" width="{}" height="{}" src="data:image/jpeg;base64,{}"></span>)",
        thumbnail.width, thumbnail.height, base64(to_jpeg(thumbnail)));
  } catch (const std::exception& error) {
    return fmt::format(R"(<span class="picture broken">{}</span>)",
                       html_text(without_path(failure_reason(path, error), path)));
  }
}

std::string card_html(const PageImage& shown, const fs::path& folder, MemoryGate& gate) {
  const HashedImage& image = *shown.image;
  const std::string& path = image.file.path;
  return fmt::format(
      "<li><a href=\"{}\">{}<span class=\"path\">{}</span></a><span class=\"facts\">{} × {}, {}{}</span></li>\n",
      link_to(path, folder), picture_html(path, gate), html_text(path), image.width, image.height,
      size_text(image.file.bytes), shown.distance.empty() ? "" : ", " + shown.distance);
}

std::string note_html(const std::string& text) { return fmt::format("<p class=\"note\">{}</p>\n", text); }

/// A web page of images under headings.
class DuplicatesPage {
 public:
  DuplicatesPage(std::string title, std::string summary) : title_(std::move(title)), summary_(std::move(summary)) {}

  void add(std::string heading, std::vector<PageImage> images) {
    const std::int64_t taken = std::min(std::ssize(images), max_images - shown_);
    const std::int64_t rest = std::ssize(images) - taken;
    shown_ += taken;
    left_out_ += rest;
    if (taken == 0 && rest > 0) return;
    images.resize(static_cast<std::size_t>(taken));
    sections_.push_back({std::move(heading), std::move(images), rest});
  }

  void write(const fs::path& file, const RankResources& resources) const {
    std::vector<const PageImage*> all;
    for (const Section& section : sections_) {
      for (const PageImage& image : section.images) all.push_back(&image);
    }
    MemoryGate gate(resources.memory);
    const fs::path folder = fs::weakly_canonical(fs::absolute(file).parent_path());
    std::vector<std::string> cards(all.size());
    run_tasks(resources.threads, std::ssize(all), [&](std::int64_t i, int) {
      const auto at = static_cast<std::size_t>(i);
      cards[at] = card_html(*all[at], folder, gate);
    });

    std::string page = fmt::format("{0}<title>{1}</title>\n</head>\n<body>\n<h1>{1}</h1>\n<p>{2}</p>\n", page_head,
                                   html_text(title_), html_text(summary_));
    if (left_out_ > 0) {
      page += note_html(fmt::format("The page shows the first {} images; {} more are in the list only.",
                                    count_text(max_images), count_text(left_out_)));
    }
    auto card = cards.begin();
    for (const Section& section : sections_) {
      page += fmt::format("<section>\n<h2>{}</h2>\n<ul>\n", html_text(section.heading));
      for (std::size_t i = 0; i < section.images.size(); ++i) page += *card++;
      page += "</ul>\n";
      if (section.left_out > 0) page += note_html(fmt::format("and {} more", count_text(section.left_out)));
      page += "</section>\n";
    }
    page += "</body>\n</html>\n";
    write_text_file(file, page);
    // Standard output may have the list.
    fmt::print(stderr, "haloedge: {}: a page of {}, {}{}\n", printable(file.string()),
               count_text(std::ssize(all), "image"), size_text(std::ssize(page)),
               left_out_ == 0 ? "" : fmt::format("; {} more are in the list only", count_text(left_out_)));
  }

 private:
  struct Section {
    std::string heading;
    std::vector<PageImage> images;
    std::int64_t left_out = 0;  ///< number of images that are not on the page
  };

  std::string title_;
  std::string summary_;
  std::vector<Section> sections_;
  std::int64_t shown_ = 0;
  std::int64_t left_out_ = 0;
};

DuplicatesPage page_of(const ComparedImages& compared, const ImageGroups& groups, int distance) {
  const std::vector<HashedImage>& images = compared.images;
  DuplicatesPage page("Near-duplicate images", summary(compared, groups, distance));
  for (const auto& group : groups) {
    std::vector<PageImage> shown;
    shown.reserve(group.size());
    const HashedImage& first = images[group.front()];
    for (const std::uint32_t place : group) {
      const HashedImage& image = images[place];
      const bool is_first = &image == &first;
      shown.push_back({&image, is_first ? "" : fmt::format("distance {} from the first", distance_of(image, first))});
    }
    page.add(fmt::format("{} images", count_text(std::ssize(group))), std::move(shown));
  }
  return page;
}

DuplicatesPage page_of(const ComparedImages& compared, const Matches& matches) {
  DuplicatesPage page("Images near one image", summary(compared, matches));
  page.add("The image", {{&matches.query}});
  std::vector<PageImage> shown;
  for (const auto& [distance, image] : matches.nearest_first)
    shown.push_back({image, fmt::format("distance {}", distance)});
  const std::string heading = fmt::format("Images near it: {}", count_text(std::ssize(shown)));
  page.add(heading, std::move(shown));
  return page;
}

}  // namespace

void write_duplicates(const ComparedImages& compared, const ImageGroups& groups, const DuplicatesCommand& command,
                      const RankResources& resources) {
  write_text(list_text(compared, groups, command), command.output);
  if (!command.html.empty()) page_of(compared, groups, command.distance).write(command.html, resources);
}

void write_duplicates(const ComparedImages& compared, const Matches& matches, const DuplicatesCommand& command,
                      const RankResources& resources) {
  write_text(list_text(compared, matches, command), command.output);
  if (!command.html.empty()) page_of(compared, matches).write(command.html, resources);
}

}  // namespace haloedge
