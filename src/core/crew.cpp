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
  {
    const std::lock_guard lock(guard_);
    ++running_;
  }
  try {
    threads_.emplace_back([this, work = std::move(work)] {
      run(work);
      leave();
    });
  } catch (...) {
    fail(std::current_exception());
    leave();
  }
}

void Crew::leave() {
  const std::lock_guard lock(guard_);
  --running_;
  ended_.notify_all();
}

bool Crew::wait_for(std::chrono::milliseconds time) {
  std::unique_lock lock(guard_);
  return ended_.wait_for(lock, time, [&] { return running_ == 0; });
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
