#include "mpi_main.hpp"

#include <cstdio>
#include <memory>

#include <gtest/gtest.h>

#include "comm/launcher.hpp"

namespace haloedge {

namespace {

std::unique_ptr<Communicator> the_communicator;

/// Prints the failures of ranks other than 0, which print nothing else.
class FailurePrinter final : public testing::EmptyTestEventListener {
 public:
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    std::fprintf(stderr, "rank %d: %s:%d: %s\n", the_communicator->rank(), result.file_name(), result.line_number(),
                 result.message());
  }
};

}  // namespace

Communicator& test_communicator() { return *the_communicator; }

}  // namespace haloedge

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  haloedge::the_communicator = haloedge::make_communicator();
  if (haloedge::the_communicator->rank() != 0) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new haloedge::FailurePrinter);
  }
  const int result = RUN_ALL_TESTS();
  haloedge::the_communicator.reset();
  return result;
}
