#include "run/resources.hpp"

#include <sstream>
#include <string>
#include <vector>

#include "core/system.hpp"

namespace haloedge {

namespace {

std::string join(const std::vector<int>& numbers) {
  std::ostringstream text;
  for (const int number : numbers) text << number << ' ';
  return text.str();
}

std::vector<int> split(const std::string& text) {
  std::istringstream stream(text);
  std::vector<int> numbers;
  for (int number = 0; stream >> number;) numbers.push_back(number);
  return numbers;
}

}  // namespace

RankResources rank_resources(const CommonOptions& options, Communicator& communicator) {
  std::vector<std::vector<int>> on_node;
  for (const std::string& cpus : communicator.share_on_node(join(allowed_cpus()))) on_node.push_back(split(cpus));
  RankResources resources{.threads = options.threads, .memory = options.memory};
  if (resources.threads == 0) resources.threads = fair_threads(allowed_cpus(), on_node);
  if (resources.memory == 0) resources.memory = available_memory() / 2 / communicator.node_size();
  return resources;
}

}  // namespace haloedge
