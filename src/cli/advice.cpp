#include "cli/advice.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <numeric>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/encoding.hpp"
#include "core/number_text.hpp"

namespace haloedge {

namespace {

using Words = std::vector<std::string>;

/// Options that users know from other programs, and what haloedge has instead.
struct ForeignOption {
  std::vector<std::string_view> words;
  std::string_view needs;  ///< the option that a command must have for this advice; empty: any command
  std::string_view advice;
};

const std::array foreign_options{
    ForeignOption{{"-n", "-np", "-N", "--np", "--ntasks", "--nprocs", "--processes", "--nodes", "--hosts"},
                  "--ranks-per-node",
                  "use --ranks N and --ranks-per-node N"},
    ForeignOption{{"-n", "-np", "-N", "--np", "--ranks", "--ntasks", "--nprocs", "--processes", "--nodes", "--hosts"},
                  "",
                  "the launcher starts the ranks: mpirun -n 4 haloedge {} ..."},
    ForeignOption{{"--threshold", "--thresholds", "--thresh"}, "--low", "use --low and --high for Canny's thresholds"},
    ForeignOption{
        {"-t"}, "--low", "use --threads N for the threads of each rank, or --low and --high for Canny's thresholds"},
    ForeignOption{
        {"--gpu", "--gpus", "--cuda", "--device", "--devices"}, "--backend", "use --backend cuda to compute on GPUs"},
    ForeignOption{{"--cpu", "--no-gpu"}, "--backend", "use --backend cpu to compute on the processor"},
    ForeignOption{{"-j", "-t", "--jobs", "--workers", "--cores", "--cpus", "--num-threads", "--nthreads"},
                  "--threads",
                  "use --threads N for the threads of each rank"},
    ForeignOption{{"--out", "--outfile", "--out-file", "--output-file", "--outdir", "--out-dir", "--output-dir",
                   "--dest", "--destination", "--save"},
                  "--output",
                  "use -o OUTPUT"},
    ForeignOption{{"-i", "--in", "--input", "--infile", "--input-file", "--image", "--images", "--src"},
                  "",
                  "give the input without an option: haloedge {} INPUT ..."},
    ForeignOption{{"-f", "-y", "--force", "--replace", "--clobber"},
                  "--overwrite",
                  "use --overwrite to replace an existing output"},
    ForeignOption{{"--continue", "--restart"}, "--resume", "use --resume to continue a run that was stopped"},
    ForeignOption{{"--filter", "--kernel", "--method", "--algorithm", "--detector", "--mode", "--canny", "--sobel",
                   "--scharr", "--prewitt", "--laplacian", "--laplace"},
                  "--operator",
                  "use --operator sobel, scharr, prewitt, laplacian or canny"},
    ForeignOption{{"--ksize", "--kernel-size", "--kernelsize", "--aperture", "--aperture-size", "--aperturesize"},
                  "--operator",
                  "all filters are 3 x 3"},
    ForeignOption{{"--blur", "--gaussian", "--smooth"}, "--sigma", "use --sigma S for the width of the Gaussian"},
    ForeignOption{
        {"--dtype", "--bits", "--bit-depth", "-ot"}, "--type", "use --type u8, u16 or f32 for the output's samples"},
    ForeignOption{{"-of", "--output-format"}, "--part", "use --format png, tiff or jpeg for the edge maps in a folder"},
    ForeignOption{{"-of", "--output-format"},
                  "--output",
                  "the ending of the output's name decides its format, as in -o edges.tif"},
    ForeignOption{
        {"-co", "--compressor"}, "--compression", "use --compression deflate, lzw or zstd to compress a TIFF"},
    ForeignOption{{"--block-size", "--blocksize", "--chunk", "--chunks", "--chunk-size"},
                  "--tile",
                  "use --tile N for the size of the output's tiles"},
    ForeignOption{{"--ram", "--max-memory", "--mem-limit"},
                  "--memory",
                  "use --memory SIZE, such as 4G, for the memory of each rank"},
    ForeignOption{{"--timeout", "--walltime", "--max-time"},
                  "--time-limit",
                  "use --time-limit TIME, such as 55m, to stop in good order"},
    ForeignOption{
        {"-r", "-R", "--recursive", "--recurse"}, "--allow-failures", "folders are always searched recursively"},
    ForeignOption{{"--silent"}, "--quiet", "use --quiet to print errors only"},
};

/// The units of sizes, times, rates and parts, which follow their number without a space.
constexpr std::array<std::string_view, 27> units{"K",   "M",   "G",   "T",   "B",  "KB", "MB",   "GB",   "TB",
                                                 "KiB", "MiB", "GiB", "TiB", "gb", "mb", "g",    "%",    "s",
                                                 "m",   "min", "h",   "d",   "us", "ms", "MB/s", "GB/s", "Gb/s"};

template <class Range, class Value>
bool contains(const Range& range, const Value& value) {
  return std::ranges::find(range, value) != std::ranges::end(range);
}

bool is_option(std::string_view word) { return word.size() > 1 && word.front() == '-' && !parse_number<double>(word); }

/// Number of letters to change, insert, drop, or swap with their neighbour, to turn `a` into `b` (optimal string
/// alignment).
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      const bool is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row.back();
}

/// Returns the words as a text: "a, b and c".
std::string listed(const Words& words, std::string_view last_joint = " and ") {
  if (words.size() < 2) return words.empty() ? "" : words.front();
  return fmt::format("{}{}{}", fmt::join(words.begin(), words.end() - 1, ", "), last_joint, words.back());
}

/// Returns the words as a shell takes them. Long lists, as a shell makes them of a pattern, are cut.
std::string as_typed(const Words& words) {
  constexpr std::size_t most = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, words.size()); ++i) text += ' ' + shell_word(words[i]);
  return words.size() > most ? text + " ..." : text;
}

/// Returns a name for the edge map of an image: "photo_edges.tif" for photo.jpg.
std::string edges_name(const std::string& input) { return std::filesystem::path(input).stem().string() + "_edges.tif"; }

const Words& options_of(const std::string& command, const OptionNames& commands) {
  return std::ranges::find(commands, command, &OptionNames::value_type::first)->second;
}

/// Returns the advice for an option of other programs, if the command has what it needs; else an empty text.
std::string foreign_advice(const std::string& typed, const std::string& command, const Words& options) {
  const bool has_number = typed.size() > 2 && typed[1] != '-' && parse_number<int>(std::string_view(typed).substr(2));
  const std::string word = has_number ? typed.substr(0, 2) : typed;  // -j4
  const auto fits = [&](const ForeignOption& option) {
    return contains(option.words, word) && (option.needs.empty() || contains(options, option.needs));
  };
  const auto* const found = std::ranges::find_if(foreign_options, fits);
  return found == foreign_options.end() ? "" : fmt::format(fmt::runtime(found->advice), command);
}

/// Returns the commands that have an option.
Words owners(const std::string& option, const OptionNames& commands) {
  Words found;
  for (const auto& [command, options] : commands) {
    if (contains(options, option)) found.push_back(command);
  }
  return found;
}

/// Finds a value that was typed with a space before its unit, "--memory 5 GB". Returns what to type instead.
std::optional<std::string> joined_quantity(const Words& words) {
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    if (is_option(words[i]) && parse_number<double>(words[i + 1]) && contains(units, words[i + 2])) {
      return fmt::format("{} {}{}", words[i], words[i + 1], words[i + 2]);
    }
  }
  return std::nullopt;
}

/// Returns true for a folder, a pattern, and a list of files.
bool names_a_set(const std::string& input) {
  std::error_code unknown;
  return input.ends_with('/') || input.starts_with('@') || input.find_first_of("*?[") != std::string::npos ||
         std::filesystem::is_directory(input, unknown);
}

/// Answers words that begin like a command line without its command: files, or options.
std::string answer_to_missing_command(const TypedLine& line) {
  const auto first_option = std::ranges::find_if(line.words, is_option);
  const Words files(line.words.begin(), first_option);
  const Words rest(first_option, line.words.end());
  const bool has_output = contains(rest, "-o") || contains(rest, "--output");
  const bool is_set = files.size() > 1 || names_a_set(files.front());
  const std::string output = has_output ? "" : " -o " + (is_set ? "edges" : shell_word(edges_name(files.front())));
  return fmt::format("a command is missing before {}: type  haloedge {}{}{}{}", files.front(),
                     is_set ? "batch" : "edges", as_typed(files), output, as_typed(rest));
}

/// Returns true for a path of GDAL's virtual file systems, such as /vsicurl/https://..., unless the folder is there.
bool is_virtual_path(const std::string& name) {
  std::error_code unknown;
  return name.starts_with("/vsi") && !std::filesystem::exists(name.substr(0, name.find('/', 1)), unknown);
}

bool file_exists(const std::string& name) {
  std::error_code unknown;
  return std::filesystem::exists(name, unknown);
}

/// Returns the advice for an option with a long dash, which web pages and word processors make of - and --.
std::string long_dash_advice(const std::string& word) {
  constexpr std::size_t dash_bytes = 3;
  const std::string dash = word.substr(0, dash_bytes);
  const bool is_long = dash == "\u2010" || dash == "\u2011" || dash == "\u2013" || dash == "\u2014" || dash == "\u2212";
  if (!is_long || file_exists(word)) return "";
  const std::string name = word.substr(dash_bytes);
  return fmt::format("{} begins with a long dash: type {}{}", word, name.size() > 1 ? "--" : "-", name);
}

}  // namespace

Words similar_names(std::string_view typed, const Words& names) {
  Words begun;
  std::ranges::copy_if(names, std::back_inserter(begun), [&](const auto& name) { return name.starts_with(typed); });
  constexpr std::size_t shortest_beginning = 4;  // "--m"
  if (!begun.empty() && typed.size() >= shortest_beginning) return begun;
  const auto distance = [typed](const std::string& name) { return edits(typed, name); };
  const auto nearest = std::ranges::min_element(names, {}, distance);
  const bool is_near = nearest != names.end() && 3 * distance(*nearest) <= std::max(typed.size(), nearest->size());
  return is_near ? Words{*nearest} : Words{};
}

std::string answer_to_unknown_command(const TypedLine& line, const OptionNames& commands) {
  Words names;
  for (const auto& [name, options] : commands) names.push_back(name);
  const std::string all = "the commands are " + listed(names);
  if (line.words.empty()) return "a command is missing: " + all;
  const std::string& typed = line.words.front();
  if (is_option(typed)) return fmt::format("a command is missing before {}: {}", typed, all);
  const Words similar = similar_names(typed, names);
  if (!similar.empty()) return fmt::format("unknown command {}; did you mean {}?", typed, listed(similar, " or "));
  if (names_a_set(typed) || typed.find_first_of("./") != std::string::npos) return answer_to_missing_command(line);
  return fmt::format("unknown command {}: {}", typed, all);
}

std::string answer_to_unknown_option(const TypedLine& line, const std::string& typed, const OptionNames& commands) {
  const std::string name = typed.substr(0, typed.find('='));
  const Words& options = options_of(line.command, commands);
  if (contains(options, name)) {
    return fmt::format("{} must follow the command: haloedge {} {} ...", name, line.command, name);
  }
  const std::string none = fmt::format("unknown option {}", name);
  if (contains(options, '-' + name)) return fmt::format("{}; did you mean -{}, with two dashes?", none, name);
  if (const std::string advice = foreign_advice(name, line.command, options); !advice.empty()) {
    return fmt::format("{}: {}", none, advice);
  }
  const Words others = owners(name, commands);
  if (!others.empty()) return fmt::format("{}: it is an option of {}", none, listed(others));
  const Words similar = name.starts_with("--") ? similar_names(name, options) : Words{};
  return similar.empty() ? none : fmt::format("{}; did you mean {}?", none, listed(similar, " or "));
}

std::string answer_to_stray_words(const TypedLine& line, const Words& stray, const std::string& wrong_value,
                                  const OptionNames& commands) {
  if (const auto quantity = joined_quantity(line.words)) {
    return fmt::format("write the number and its unit without a space: {}", *quantity);
  }
  for (const std::string& word : stray) {
    if (std::string advice = long_dash_advice(word); !advice.empty()) return advice;
  }
  if (!wrong_value.empty()) return wrong_value;
  const std::string text = fmt::format("unexpected argument{} {}", stray.size() == 1 ? "" : "s", listed(stray));
  const std::size_t equals = stray.front().find('=');
  const bool is_option = equals != std::string::npos &&
                         contains(options_of(line.command, commands), "--" + stray.front().substr(0, equals));
  if (is_option) return fmt::format("{}; did you mean --{}?", text, stray[0]);
  if (!line.has_output && stray.size() == 1) return fmt::format("{}; did you mean -o {}?", text, shell_word(stray[0]));
  if (std::ranges::none_of(stray, file_exists)) return text + "; quote names with spaces";
  if (line.command != "edges") return fmt::format("{}: {} takes one input", text, line.command);
  return fmt::format(
      "{}: edges makes one edge map from one input. If the files are the tiles of one image, name them by a quoted "
      "pattern: haloedge edges 'part_*.tif' --grid 2x3 -o edges.tif. To make an edge map of each file: haloedge batch "
      "FILES -o FOLDER",
      text);
}

std::string why_not_a_file(const std::string& name) {
  if (name.empty()) return "the name is empty";
  if (std::string advice = long_dash_advice(name); !advice.empty()) return advice;
  const std::size_t colon = name.find("://");
  const bool is_address = colon != std::string::npos && colon > 1 &&
                          name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+") == colon;
  if (!is_address && !is_virtual_path(name)) return "";
  constexpr std::string_view local = "file://";
  if (name.starts_with(local)) {
    return fmt::format("{} is an address: give the path, {}", name, name.substr(local.size()));
  }
  return fmt::format(
      "{} is an address, but haloedge reads and writes only files: copy it to a local disk, or mount its storage, and "
      "give the path",
      name);
}

std::string why_a_folder(const std::string& name) {
  std::error_code unknown;
  return std::filesystem::is_directory(name, unknown) ? fmt::format("{} is a folder: name a file", name) : "";
}

}  // namespace haloedge
