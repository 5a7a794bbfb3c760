#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#include "commands.hpp"

int main(int argc, char** argv) {
  CLI::App app("Gradient update rules whose every step is verified.");
  app.name("truestep");
  app.footer("truestep COMMAND --help describes a command.");
  const std::array commands{truestep::add_audit(app, argv[0]), truestep::add_rules(app),
                            truestep::add_compare(app, argv[0]), truestep::add_identify(app)};

  const auto parsed = [&] {
    return std::find_if(commands.begin(), commands.end(),
                        [](const auto& command) { return command.parsed_by->parsed(); });
  };
  const auto speaker = [&] {
    return parsed() == commands.end() ? app.get_name() : parsed()->parsed_by->get_name();
  };
  try {
    app.parse(argc, argv);
    if (parsed() == commands.end())
      throw std::invalid_argument("a command is missing: audit, rules, compare, identify");
    return parsed()->run();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    fmt::print(stderr, "{}: {}\n", speaker(), error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", speaker(), error.what());
  }
  return truestep::bad_usage;
}
