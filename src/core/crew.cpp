#include "core/crew.hpp"

namespace haloedge {

void Crew::run(const std::function<void()>& work) {
  try {
    work();
  } catch (...) {
    fail(std::current_exception());
  }
}

void Crew::start(std::function<void()> work) {
  run([&] { threads_.emplace_back([this, work = std::move(work)] { run(work); }); });
}

void Crew::join() {
  threads_.clear();
  if (error_) std::rethrow_exception(error_);
}

void Crew::fail(std::exception_ptr error) {
  {
    const std::lock_guard lock(guard_);
    if (error_) return;
    error_ = error;
  }
  end_all_(std::move(error));
}

}  // namespace haloedge
