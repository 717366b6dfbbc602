// Tests what a user can type as output, and what its format can hold.
#include "sink/output.hpp"

#include <string>

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace haloedge {
namespace {

using kernels::SampleType;

TEST(ParseOutput, Ending) {
  for (const char* name : {"a.tif", "a.tiff", "a.btf", "dir.png/a.TIF"}) {
    EXPECT_EQ(parse_output(name).format, OutputFormat::tiff) << name;
  }
  EXPECT_EQ(parse_output("a.png").format, OutputFormat::png);
  EXPECT_EQ(parse_output("a.jpg").format, OutputFormat::jpeg);
  EXPECT_EQ(parse_output("a.JPEG").format, OutputFormat::jpeg);
  for (const OutputFormat format : {OutputFormat::tiff, OutputFormat::png, OutputFormat::jpeg, OutputFormat::hdf5}) {
    EXPECT_EQ(parse_output(std::string("a").append(usual_ending(format))).format, format);
  }
}

TEST(ParseOutput, Hdf5) {
  const Output named = parse_output("folder/a.h5:/group/map");
  EXPECT_EQ(named.name, "folder/a.h5:/group/map");
  EXPECT_EQ(named.file, "folder/a.h5");
  EXPECT_EQ(named.dataset, "/group/map");
  EXPECT_EQ(named.format, OutputFormat::hdf5);
  EXPECT_EQ(parse_output("a.hdf5").dataset, "/edges");
  EXPECT_EQ(parse_output("a.png").dataset, "");
}

TEST(ParseOutput, Refused) {
  EXPECT_THROW((void)parse_output("a"), UsageError);
  EXPECT_THROW((void)parse_output("a.gif"), UsageError);
  EXPECT_THROW((void)parse_output("a.tif:/map"), UsageError);
  EXPECT_THROW((void)parse_output("a.gif:/map"), UsageError);
  const auto refusal = [](const char* typed) -> std::string {
    try {
      (void)parse_output(typed);
      return "was taken";
    } catch (const UsageError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(refusal("a.gif"),
            "a.gif: the name of an output must end in .tif, .tiff, .btf, .png, .jpg, .jpeg, .h5 or .hdf5");
  EXPECT_EQ(refusal("f/a.h5:map"), "f/a.h5:map: did you mean f/a.h5:/map?");
  EXPECT_EQ(refusal("f/"), "f/: is a folder: name a file, f/edges.tif");
}

TEST(CheckFolderName, Files) {
  for (const char* name : {"", "a", "a.b", "a.tif/", "a/b:/c", "a.h5/b"})
    EXPECT_NO_THROW(check_folder_name(name, "")) << name;
  for (const char* name : {"a.tif", "a/b.PNG", "a.h5", "a.h5:/b", "a.hdf5:b"}) {
    EXPECT_THROW(check_folder_name(name, ""), UsageError) << name;
  }
}

TEST(CheckFormat, TypesAndCompressions) {
  const auto holds = [](OutputFormat format, SampleType type, Compression compression) {
    try {
      check_format(format, "x", type, compression);
      return true;
    } catch (const UsageError&) {
      return false;
    }
  };
  for (const Compression compression : {Compression::none, Compression::deflate, Compression::lzw, Compression::zstd}) {
    const bool none = compression == Compression::none;
    for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
      EXPECT_TRUE(holds(OutputFormat::tiff, type, compression));
      EXPECT_EQ(holds(OutputFormat::hdf5, type, compression), none || compression == Compression::deflate);
      EXPECT_EQ(holds(OutputFormat::png, type, compression), none && type != SampleType::f32);
      EXPECT_EQ(holds(OutputFormat::jpeg, type, compression), none && type == SampleType::u8);
    }
  }
}

}  // namespace
}  // namespace haloedge
