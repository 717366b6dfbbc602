#include "cli/common_options.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <regex>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "cli/advice.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"
#include "edges/options.hpp"
#include "formats/tiff_layout.hpp"
#include "kernels/gaussian.hpp"
#include "sets/options.hpp"
#include "sink/output.hpp"
#include "sink/sink.hpp"

namespace haloedge {

namespace {

using kernels::Component;
using kernels::Operator;
using kernels::SampleType;

constexpr int max_threads = 1024;

std::optional<Grid> parse_grid(const std::string& text) {
  static const std::regex form("([1-9][0-9]{0,5})[xX]([1-9][0-9]{0,5})");
  std::smatch match;
  if (!std::regex_match(text, match, form)) return std::nullopt;
  return Grid{std::stoi(match[1]), std::stoi(match[2])};
}

std::optional<int> parse_page(std::string_view text) {
  const auto page = parse_number<std::uint32_t>(text);
  return page && *page <= std::numeric_limits<int>::max() ? std::optional(static_cast<int>(*page)) : std::nullopt;
}

std::optional<std::int64_t> parse_slice(std::string_view text) {
  const auto slice = parse_number<std::uint32_t>(text);
  return slice ? std::optional<std::int64_t>(*slice) : std::nullopt;
}

std::optional<std::string> parse_axes(std::string_view text) {
  const bool are_letters = std::ranges::all_of(text, [](char letter) { return letter >= 'a' && letter <= 'z'; });
  const bool has_both = std::ranges::count(text, 'y') == 1 && std::ranges::count(text, 'x') == 1;
  return are_letters && has_both ? std::optional(std::string(text)) : std::nullopt;
}

std::optional<std::vector<int>> parse_bands(std::string_view text) {
  std::vector<int> bands;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto band = parse_page(text.substr(begin, end - begin));
    if (!band || *band < 1) return std::nullopt;
    bands.push_back(*band);
    begin = end + 1;
  }
  return bands.size() == 1 || bands.size() == 3 ? std::optional(bands) : std::nullopt;
}

std::optional<NodataOption> parse_nodata(std::string_view text) {
  using Kind = NodataOption::Kind;
  if (text == "auto") return NodataOption{};
  if (text == "nan" || text == "NaN") return NodataOption{.kind = Kind::nan};
  if (text == "alpha") return NodataOption{.kind = Kind::alpha};
  if (text == "none") return NodataOption{.kind = Kind::none};
  const auto value = parse_number<double>(text);
  return value ? std::optional(NodataOption{.kind = Kind::value, .value = *value}) : std::nullopt;
}

std::optional<double> parse_value(std::string_view text) { return parse_number<double>(text); }

constexpr int largest_tile = 16384;

std::optional<Threshold> parse_threshold(std::string_view text) {
  if (text == "auto") return Threshold{.kind = Threshold::Kind::automatic};
  const bool is_part = text.ends_with('%');
  if (is_part) text.remove_suffix(1);
  const auto number = parse_number<double>(text);
  if (!number || !(*number >= 0) || (is_part && *number > 100)) return std::nullopt;
  return Threshold{.kind = is_part ? Threshold::Kind::quantile : Threshold::Kind::value, .value = *number};
}

std::optional<AllowedFailures> parse_allowed_failures(std::string_view text) {
  if (!text.ends_with('%')) {
    const auto images = parse_number<std::uint32_t>(text);
    return images ? std::optional(AllowedFailures{.most = static_cast<double>(*images)}) : std::nullopt;
  }
  text.remove_suffix(1);
  const auto part = parse_number<double>(text);
  if (!part || !(*part >= 0) || *part > 100) return std::nullopt;
  return AllowedFailures{.most = *part, .is_percentage = true};
}

void add_threshold(OptionGroup group, const std::string& name, Threshold& threshold, const std::string& help) {
  group
      .parsed(name, threshold, parse_threshold,
              "is not a threshold: write a number such as 100, a percentage of the pixels such as 70%, or auto", help)
      .placeholder("T")
      .shown_default(threshold_text(threshold));
}

void add_canny_options(OptionGroup group, CannyOptions& options) {
  add_threshold(group, "--low", options.low,
                "a pixel with a larger gradient can be part of an edge. N%: the gradient that N per cent of the pixels "
                "do not exceed. auto: half of --high");
  add_threshold(group, "--high", options.high,
                "a pixel with a larger gradient begins an edge. N%: as for --low. auto: Otsu's threshold. If "
                "it turns out to be less than --low, --low becomes as low");
  const auto is_sigma = [](double sigma) { return sigma >= 0 && sigma <= kernels::max_sigma; };
  group
      .number("--sigma", options.sigma, is_sigma, fmt::format("is not a number from 0 to {}", kernels::max_sigma),
              "width in pixels of the Gaussian that blurs the image first; 0 for none")
      .placeholder("S");
}

std::optional<kernels::Clip> parse_clip(const std::string& text) {
  kernels::Clip clip;
  char comma = 0;
  std::istringstream stream(text);
  const bool is_range = stream >> clip.low >> comma >> clip.high && comma == ',' && (stream >> std::ws).eof();
  if (!is_range || clip.low > clip.high) return std::nullopt;
  return clip;
}

void add_nodata_options(OptionGroup group, EdgeOptions& options) {
  group
      .parsed("--nodata", options.nodata, parse_nodata, "is neither a number nor one of auto, nan, alpha and none",
              "the pixels that are no data: those with this value, with NaN, or with an alpha of 0. auto: what the "
              "file says. Results near them are no data either")
      .placeholder("V|auto|nan|alpha|none")
      .shown_default("auto");
  group
      .parsed("--nodata-output", options.nodata_output, parse_value, "is not a number",
              "the value of results that are no data")
      .placeholder("V")
      .shown_default("NaN in f32, 0 in u8 and u16");
}

void add_output_options(OptionGroup group, EdgeOptions& options) {
  group.choice("--type", options.type, sample_types(),
               "the type of the output's samples. 1.0 is 255 in u8, 65535 in u16 and 1.0 in f32");
  group.choice("--compression", options.compression, compressions(), "the compression of a TIFF or HDF5 output");
  group.number("--quality", options.quality, 1, 100, "the quality of a JPEG output, from 1 to 100");
  const auto is_tile = [](std::int64_t tile) {
    return tile >= tiff_tile_granule && tile <= largest_tile && tile % tiff_tile_granule == 0;
  };
  group
      .number("--tile", options.tile, is_tile, "is not a multiple of 16 from 16 to 16384",
              "width and height of the output's tiles, a multiple of 16. For PNG and JPEG, the number of rows that are "
              "computed together")
      .placeholder("N");
}

using Format = std::optional<OutputFormat>;

bool is_canny(const EdgeOptions& options, Format) { return options.op == Operator::canny; }

/// An option that has an effect only with some values of other options. It is refused where it has none, so that nobody
/// believes that it had one.
struct Condition {
  std::string_view option;
  bool (*has_meaning)(const EdgeOptions&, Format);
  std::string_view why_none;
};

const std::array conditions{
    Condition{"--low", is_canny, "it is a threshold of --operator canny"},
    Condition{"--high", is_canny, "it is a threshold of --operator canny"},
    Condition{"--sigma", is_canny, "it is the blur of --operator canny"},
    Condition{"--component",
              [](const EdgeOptions& o, Format f) {
                return o.component == Component::magnitude || !(is_canny(o, f) || o.op == Operator::laplacian);
              },
              "canny and laplacian have no direction: use --component magnitude"},
    Condition{
        "--norm",
        [](const EdgeOptions& o, Format) { return o.component == Component::magnitude && o.op != Operator::laplacian; },
        "it combines x and y into the magnitude, which --component x, y and direction and --operator laplacian do not "
        "use"},
    Condition{"--scale", [](const EdgeOptions& o, Format f) { return !is_canny(o, f) || o.scale == 1; },
              "the edges of --operator canny are 255, and all other pixels are 0"},
    Condition{"--type", [](const EdgeOptions& o, Format f) { return !is_canny(o, f) || o.type == SampleType::u8; },
              "the output of --operator canny has 8 bits: edges are 255, and all other pixels are 0"},
    Condition{"--border",
              [](const EdgeOptions& o, Format f) { return !is_canny(o, f) || o.border == kernels::Border::reflect; },
              "--operator canny always repeats the outermost pixels of the image, as OpenCV does"},
    Condition{"--clip", [](const EdgeOptions& o, Format) { return o.type == SampleType::f32; },
              "it is for --type f32; u8 and u16 results are always limited to the range of their type"},
    Condition{"--quality", [](const EdgeOptions&, Format f) { return f == OutputFormat::jpeg; },
              "it is for JPEG outputs, whose names end in .jpg"},
};

}  // namespace

template <class Value>
Option add_grid(OptionGroup group, Value& grid, const std::string& help) {
  return group.parsed("--grid", grid, parse_grid, "is not a grid: write ROWSxCOLUMNS, such as 2x3", help)
      .placeholder("RxC");
}
template Option add_grid(OptionGroup group, Grid& grid, const std::string& help);

Option add_band_option(OptionGroup group, std::vector<int>& bands) {
  return group
      .parsed("--band", bands, parse_bands,
              "is neither a band, such as 1, nor three bands for red, green and blue, such as 3,2,1",
              "the band that is read as gray, or the three that are read as red, green and blue, counted from 1")
      .placeholder("N|R,G,B")
      .shown_default("what the file says are its colours");
}

void add_read_options(OptionGroup group, ReadOptions& options, const Option& input) {
  group
      .parsed("--page", options.page, parse_page, "is not a page: write a number from 0 on",
              "the page of a TIFF; the first page is 0")
      .placeholder("N")
      .shown_default("0, or the first that is not a preview")
      .needs(input);
  group
      .parsed("--slice", options.slice, parse_slice, "is not a slice: write a number from 0 on",
              "the image of a stack in HDF5; the first is 0")
      .placeholder("N")
      .needs(input);
  group
      .parsed("--axes", options.axes, parse_axes,
              "does not name dimensions: write a letter for each, such as tyx or yxc",
              "the dimensions of an HDF5 dataset, from the first on: y for rows, x for columns, c for bands, any other "
              "letter for a stack")
      .placeholder("LETTERS")
      .shown_default("what their sizes tell")
      .needs(input);
  add_band_option(group, options.bands).needs(input);
}

Option add_input_options(OptionGroup group, InputSpec& input, const std::string& help) {
  const Option option = group.text("INPUT", input.input, help);
  add_read_options(group, input.read, option);
  return option;
}

Option add_input_with_grid(OptionGroup group, InputSpec& input) {
  const Option option = add_input_options(
      group, input,
      "an image file (TIFF, PNG, JPEG, JPEG 2000, WebP and others), file.h5:/dataset, or with --grid a quoted pattern "
      "of tile files, or @LIST");
  Option grid = add_grid(group, input.grid,
                         "INPUT is a pattern or @LIST, a file with one path per line. Its files are R rows of C "
                         "tiles of one image, in the order of their names or of the list");
  grid.needs(option);
  group
      .choice("--order", input.order, Choices<TileOrder>{{"rows", TileOrder::rows}, {"columns", TileOrder::columns}},
              "rows: the files follow each other along the rows of the grid; columns: down its columns")
      .shown_default("what the names and sizes of the tiles say, else rows")
      .needs(grid);
  return option;
}

void add_set_options(OptionGroup group, SetOptions& options) {
  group
      .texts("INPUT", options.inputs,
             "images, folders (searched recursively), quoted patterns, or @LIST, a file with one path per line (@-: "
             "standard input)")
      .required();
  (void)add_band_option(group, options.bands);
  group
      .texts("--exclude", options.exclude,
             "skip files and folders whose name matches this quoted pattern; one with a / is for the path below the "
             "folder that is searched. May be given several times")
      .placeholder("PATTERN");
  add_restart_options(group, options.restart);
  group
      .parsed("--allow-failures", options.allowed_failures, parse_allowed_failures,
              "is neither a number of images, such as 3, nor a percentage of them, such as 0.5%",
              "the exit code is 0, not 3, if at most N images fail, or N per cent of them (N%)")
      .placeholder("N")
      .shown_default("0");
}

void add_restart_options(OptionGroup group, RestartOptions& options) {
  OptionGroup restart = group.group("Stop and resume");
  const Option resume = restart.flag("--resume", options.resume, "continue a run that was stopped or killed");
  restart.flag("--overwrite", options.overwrite, "start over, and replace the output if it exists").excludes(resume);
  restart
      .parsed("--time-limit", options.time_limit, parse_duration,
              "is not a time in whole seconds with its unit: write 90s, 55m, 1h30m or 01:30:00",
              "stop in good order after this time, with exit code 75")
      .placeholder("TIME");
}

void add_write_option(OptionGroup group, WriteMode& mode) {
  group.choice("--write", mode,
               Choices<WriteMode>{
                   {"auto", WriteMode::automatic}, {"gather", WriteMode::gather}, {"parallel", WriteMode::parallel}},
               "gather: rank 0 writes for all. parallel: all ranks write into one file");
}

void add_run_options(OptionGroup group, CommonOptions& options) {
  OptionGroup run = group.group("Run");
  run.choice("--backend", options.backend,
             Choices<BackendChoice>{{"auto", BackendChoice::automatic},
                                    {"cpu", BackendChoice::cpu},
                                    {"cuda", BackendChoice::cuda},
                                    {"reference", BackendChoice::reference}},
             "what computes the pixels. All backends give the same result");
  add_report_option(run, options);
  run.flag("-v,--verbose", options.verbose, "print the backend, the threads and the memory that were chosen");
}

void add_report_option(OptionGroup group, CommonOptions& options) {
  group.text("--report", options.report, "write a report in JSON: what was done, and where the time went")
      .refuse(why_a_folder)
      .placeholder("FILE");
}

void add_set_trace_option(OptionGroup group, CommonOptions& options) {
  group
      .text("--trace", options.trace,
            "write a Chrome trace: what each thread did, and what it waited for. It takes up to 2 KB of memory per "
            "image, in addition to --memory")
      .refuse(why_a_folder)
      .placeholder("FILE");
}

void add_resource_options(OptionGroup group, CommonOptions& options) {
  OptionGroup resources = group.group("Resources");
  resources.number("--threads", options.threads, 1, max_threads, "the threads of each rank")
      .shown_default("the rank's share of the node's cores");
  resources
      .parsed("--memory", options.memory, parse_size, "is not a size with its unit: write 512M or 4G, without a space",
              "the most memory that each rank may use: 512M, 4G. K, M, G and T are powers of 1024")
      .placeholder("SIZE")
      .shown_default("the rank's share of half of the node's free memory");
}

void add_message_options(OptionGroup group, CommonOptions& options) {
  OptionGroup messages = group.group("Messages");
  messages.choice(
      "--progress", options.progress,
      Choices<ProgressMode>{{"auto", ProgressMode::automatic}, {"on", ProgressMode::on}, {"off", ProgressMode::off}},
      "show the progress on standard error; in a log, print a line now and then. auto: on, but off with -q");
  messages.flag("-q,--quiet", options.quiet, "print errors only");
}

OptionGroup add_filter_options(OptionGroup group, EdgeOptions& options) {
  OptionGroup filter = group.group("Filter");
  filter.choice("--operator", options.op, operators(), "the 3 x 3 edge filter, or Canny's detector");
  filter.choice("--component", options.component, components(),
                "the part of the gradient that is written. direction: in turns; 0 points right, 0.25 down");
  filter.choice("--norm", options.norm, norms(), "how x and y become the magnitude. l2: sqrt(x^2 + y^2). l1: |x| + |y|")
      .shown_default("l2, for canny l1");
  filter.choice("--border", options.border, borders(),
                "the pixels that are assumed outside the image, as in scipy.ndimage");
  const auto is_finite = [](double scale) { return std::isfinite(scale); };
  filter
      .number("--scale", options.scale, is_finite, "is not a number, such as 0.5",
              "multiply every result by this factor")
      .placeholder("S");
  add_canny_options(group.group("Canny"), options.canny);
  return filter;
}

void add_edge_options(OptionGroup group, EdgeOptions& options) {
  OptionGroup filter = add_filter_options(group, options);
  filter.choice("--gray", options.gray, grays(), "how colour becomes gray");
  filter
      .parsed("--clip", options.clip, parse_clip, "is not a range: write LO,HI with LO <= HI, such as 0,1",
              "limit f32 results to this range")
      .placeholder("LO,HI");
  add_nodata_options(filter, options);
  add_output_options(group.group("Output"), options);
}

void check_edge_options(const OptionGroup& group, const EdgeOptions& options, std::optional<OutputFormat> format) {
  for (const Condition& condition : conditions) {
    if (group.given(std::string(condition.option)) && !condition.has_meaning(options, format)) {
      throw UsageError(fmt::format("{} does not apply here: {}", condition.option, condition.why_none));
    }
  }
  const CannyOptions& canny = options.canny;
  if (canny.low.kind == canny.high.kind && canny.low.value > canny.high.value) {
    throw UsageError(fmt::format("--low {} is above --high {}", threshold_text(canny.low), threshold_text(canny.high)));
  }
}

}  // namespace haloedge
