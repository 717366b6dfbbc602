#include "cli/option_group.hpp"

#include <algorithm>
#include <cctype>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/advice.hpp"

namespace haloedge {

std::string usual_word(std::string typed) {
  std::ranges::transform(typed, typed.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return typed == "tif" ? "tiff" : typed == "jpg" ? "jpeg" : typed;
}

Option& Option::placeholder(const std::string& name) {
  option_->type_name(name);
  return *this;
}

Option& Option::shown_default(const std::string& text) {
  option_->default_str(text);
  return *this;
}

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::needs(const Option& other) {
  option_->needs(other.option_);
  return *this;
}

Option& Option::excludes(const Option& other) {
  option_->excludes(other.option_);
  return *this;
}

Option& Option::refuse(const std::function<std::string(const std::string&)>& why) {
  option_->check(why, "");
  return *this;
}

OptionGroup OptionGroup::group(const std::string& heading) { return OptionGroup(*app_->add_option_group(heading)); }

Option OptionGroup::flag(const std::string& name, bool& value, const std::string& help) {
  return Option(*app_->add_flag(name, value, help)->disable_flag_override());
}

Option OptionGroup::text(const std::string& name, std::string& value, const std::string& help) {
  return Option(*app_->add_option(name, value, help)).refuse(why_not_a_file);
}

Option OptionGroup::texts(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  CLI::Option* option = app_->add_option(name, values, help);
  // An option takes only the word after it, so that INPUT may follow.
  if (name.starts_with('-')) option->allow_extra_args(false);
  return Option(*option).refuse(why_not_a_file);
}

Option OptionGroup::number(const std::string& name, int& value, int least, int most, const std::string& help) {
  const auto is_right = [least, most](int number) { return number >= least && number <= most; };
  const std::string complaint = fmt::format("is not a whole number from {} to {}", least, most);
  return number(name, value, is_right, complaint, help).placeholder("N");
}

bool OptionGroup::given(const std::string& name) const {
  const CLI::Option* option = app_->get_option_no_throw(name);
  return option != nullptr && option->count() > 0;
}

void OptionGroup::footer(const std::string& text) { app_->footer(text); }

void OptionGroup::check(const std::function<void()>& check) { app_->final_callback(check); }

Option OptionGroup::add(const std::string& name, const std::function<bool(const std::string&)>& take,
                        const std::string& complaint, const std::string& help) {
  const auto accept = [name, take, complaint](const std::string& text) {
    if (!take(text)) throw CLI::ValidationError(name, fmt::format("'{}' {}", text, complaint));
  };
  return Option(*app_->add_option_function<std::string>(name, accept, help));
}

}  // namespace haloedge
