#include "cli/command_line.hpp"

#include <sstream>

#include <CLI/CLI.hpp>

#include "cli/choice.hpp"
#include "cli/common_options.hpp"
#include "cli/edge_options.hpp"
#include "cli/plan_options.hpp"
#include "cli/score_options.hpp"
#include "cli/stream_options.hpp"
#include "core/error.hpp"
#include "measures/duplicate_groups.hpp"

namespace haloedge {

namespace {

/// The commands' options, filled in by CLI11 while it parses.
struct Filled {
  EdgesCommand edges;
  BatchCommand batch;
  HashCommand hash;
  DuplicatesCommand duplicates;
  ScoreCommand score;
  SplitCommand split;
  StreamCommand stream;
  InfoCommand info;
  PlanCommand plan;
};

CLI::Option* add_grid(CLI::App& app, const std::string& help, const std::function<void(Grid)>& take) {
  return app
      .add_option_function<std::string>(
          "--grid", [take](const std::string& text) { take(parse_grid(text)); }, help)
      ->type_name("RxC");
}

void add_input_with_grid(CLI::App& app, InputSpec& input) {
  add_input_options(app, input);
  add_grid(app, "INPUT is a pattern whose files, in the order of their names, are the tiles of one image, row by row",
           [&input](Grid grid) { input.grid = grid; });
}

CLI::App* add_edges(CLI::App& app, EdgesCommand& command) {
  CLI::App* sub = app.add_subcommand("edges", "edge map of one image");
  add_input_with_grid(*sub, command.input);
  sub->add_option("-o,--output", command.output, "the edge map: .tif, .png, .jpg, or file.h5:/dataset")
      ->type_name("OUTPUT")
      ->required();
  add_edge_options(*sub, command.edge);
  add_write_option(*sub, command.write);
  add_restart_options(*sub, command.restart);
  add_run_options(*sub, command.common);
  sub->add_option("--trace", command.common.trace, "write a Chrome trace of all ranks' phases")->type_name("FILE");
  add_resource_options(*sub, command.common);
  add_message_options(*sub, command.common);
  return sub;
}

CLI::App* add_split(CLI::App& app, SplitCommand& command) {
  CLI::App* sub = app.add_subcommand("split", "cut one image into tile files, dropping nothing");
  add_input_options(*sub, command.input);
  sub->add_option("-o,--output", command.folder, "folder for the tile files; made if it is missing")
      ->type_name("DIR")
      ->required();
  add_grid(*sub, "rows and columns of tiles; the last ones take the rest", [&command](Grid grid) {
    command.parts = grid;
  })->required();
  add_choice(*sub, "--format", command.format,
             Choices<FileFormat>{{"tiff", FileFormat::tiff}, {"png", FileFormat::png}}, "of the tile files");
  sub->add_flag("--overwrite", command.overwrite, "replace tile files that are there");
  add_resource_options(*sub, command.common);
  add_message_options(*sub, command.common);
  return sub;
}

CLI::App* add_batch(CLI::App& app, BatchCommand& command) {
  CLI::App* sub = app.add_subcommand("batch", "edge map of every image of a set");
  add_set_options(*sub, command.set);
  sub->add_option("-o,--output", command.set.output, "folder for the edge maps, a file an image")
      ->type_name("DIR")
      ->required();
  add_choice(*sub, "--format", command.format,
             Choices<FileFormat>{{"png", FileFormat::png}, {"tiff", FileFormat::tiff}, {"jpeg", FileFormat::jpeg}},
             "of the edge maps");
  add_edge_options(*sub, command.edge);
  add_run_options(*sub, command.common);
  add_set_trace_option(*sub, command.common);
  add_resource_options(*sub, command.common);
  add_message_options(*sub, command.common);
  return sub;
}

CLI::App* add_hash(CLI::App& app, HashCommand& command) {
  CLI::App* sub = app.add_subcommand("hash", "dHash of every image of a set, in one table");
  add_set_options(*sub, command.set);
  sub->add_option("-o,--output", command.set.output, "the table: .csv, .sqlite or .h5")->type_name("FILE")->required();
  sub->add_flag("--incremental", command.incremental,
                "bring a table that is there up to date: hash only new and changed files");
  sub->add_option("--report", command.common.report, "write what was done, and where the time went, as JSON")
      ->type_name("FILE");
  add_resource_options(*sub, command.common);
  add_message_options(*sub, command.common);
  return sub;
}

CLI::App* add_duplicates(CLI::App& app, DuplicatesCommand& command) {
  CLI::App* sub = app.add_subcommand("duplicates", "groups of near-duplicate images in a table of `hash`");
  sub->add_option("TABLE", command.table, "a table that hash has written: .csv, .sqlite or .h5")->required();
  sub->add_option("--distance", command.distance,
                  "bits in which hashes of near-duplicates may differ; 0: the same hash")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(0, most_distance).description(""));
  sub->add_option("--query", command.query, "list what is near this image instead of groups")->type_name("IMAGE");
  add_choice(*sub, "--format", command.format,
             Choices<ListFormat>{{"text", ListFormat::text}, {"csv", ListFormat::csv}, {"json", ListFormat::json}},
             "of the list");
  sub->add_option("-o,--output", command.output, "where the list goes")
      ->type_name("FILE")
      ->default_str("standard output");
  sub->add_option("--html", command.html, "also write a web page with small pictures of the images")->type_name("FILE");
  sub->add_flag("--overwrite", command.overwrite, "replace a list and a page that are there");
  return sub;
}

CLI::App* add_score(CLI::App& app, ScoreCommand& command) {
  CLI::App* sub = app.add_subcommand("score", "how crowded every image of a set is, in one SQLite database");
  add_set_options(*sub, command.set);
  add_score_options(*sub, command);
  add_set_trace_option(*sub, command.common);
  sub->add_option("--report", command.common.report, "write what was done, and where the time went, as JSON")
      ->type_name("FILE");
  add_resource_options(*sub, command.common);
  add_message_options(*sub, command.common);
  return sub;
}

CLI::App* add_stream(CLI::App& app, StreamCommand& command) {
  CLI::App* sub = app.add_subcommand("stream", "edges of live video, which is never slowed by them");
  add_stream_options(*sub, command);
  add_run_options(*sub, command.common);
  add_resource_options(*sub, command.common);
  add_message_options(*sub, command.common);
  return sub;
}

CLI::App* add_info(CLI::App& app, InfoCommand& command) {
  CLI::App* sub = app.add_subcommand("info", "what an image file is, and how it would be read");
  add_input_with_grid(*sub, command.input);
  sub->get_option("INPUT")->required(false);
  sub->add_flag("--devices", command.devices, "list the GPUs that this process may use");
  return sub;
}

CLI::App* add_plan(CLI::App& app, PlanCommand& command) {
  CLI::App* sub = app.add_subcommand("plan", "what `edges` would do on a number of ranks, without doing it");
  add_input_with_grid(*sub, command.input);
  sub->get_option("INPUT")->required(false);
  add_plan_options(*sub, command);
  return sub;
}

/// CLI11's words, or better ones where they alone would not help.
std::string explain(const CLI::ParseError& error, const CLI::App& app, int argc, const char* const* argv) {
  if (app.get_subcommands().empty()) {
    const std::string typed = argc < 2 ? "a command is missing" : std::string("'") + argv[1] + "' is no command";
    return typed + ": there are edges, batch, hash, duplicates, score, split, stream, info and plan";
  }
  std::string text = error.what();
  const bool stray_files =
      dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && text.find(" -") == std::string::npos;
  if (!stray_files) return text;
  const bool is_stream = app.get_subcommands().front()->get_name() == "stream";
  return text + (is_stream ? " (the output goes behind -o)" : " (a pattern of files must be quoted)");
}

Answer wrong_usage(const std::string& text) {
  return {static_cast<int>(ExitCode::usage), "haloedge: " + text + "\nRun with --help for more information.\n"};
}

}  // namespace

std::variant<Command, Answer> parse_command_line(int argc, const char* const* argv, const std::string& version_text) {
  Filled filled;
  CLI::App app("Finds edges in images too large, or too many, for one machine.", "haloedge");
  app.set_version_flag("--version", version_text, "print the version and what it was built with");
  app.require_subcommand(1);
  app.get_formatter()->column_width(38);
  app.footer(
      "haloedge COMMAND --help tells a command's options. Start it alone, or on many ranks:\n"
      "  mpirun -n 4 haloedge edges world.tif -o edges.tif");
  const CLI::App* edges = add_edges(app, filled.edges);
  const CLI::App* batch = add_batch(app, filled.batch);
  const CLI::App* hash = add_hash(app, filled.hash);
  const CLI::App* duplicates = add_duplicates(app, filled.duplicates);
  const CLI::App* score = add_score(app, filled.score);
  const CLI::App* split = add_split(app, filled.split);
  const CLI::App* stream = add_stream(app, filled.stream);
  const CLI::App* info = add_info(app, filled.info);
  const CLI::App* plan = add_plan(app, filled.plan);

  try {
    app.parse(argc, argv);
    if (edges->parsed()) check_edge_options(filled.edges.edge);
    check_edge_options(filled.batch.edge);
    check_score_options(filled.score);
    check_stream_options(filled.stream);
    if (plan->parsed()) check_plan_options(filled.plan);
    if (info->parsed() && filled.info.input.input.empty() && !filled.info.devices) {
      throw UsageError("info: INPUT or --devices is required");
    }
  } catch (const CLI::Success& asked) {  // help or version
    std::ostringstream text;
    app.exit(asked, text, text);
    return Answer{0, text.str()};
  } catch (const CLI::ParseError& error) {
    return wrong_usage(explain(error, app, argc, argv));
  } catch (const UsageError& error) {
    return wrong_usage(error.what());
  }
  if (edges->parsed()) return Command(filled.edges);
  if (batch->parsed()) return Command(filled.batch);
  if (hash->parsed()) return Command(filled.hash);
  if (duplicates->parsed()) return Command(filled.duplicates);
  if (score->parsed()) return Command(filled.score);
  if (split->parsed()) return Command(filled.split);
  if (stream->parsed()) return Command(filled.stream);
  if (info->parsed()) return Command(filled.info);
  return Command(filled.plan);
}

}  // namespace haloedge
