#include <exception>
#include <iostream>

#include "command_line.h"

int main(int argc, char** argv) {
  try {
    return purser::main::run_command_line(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "purser: " << problem.what()
              << "; this is a fault of Purser itself, please report it\n";
    return 1;
  }
}
