// SPDX-License-Identifier: Apache-2.0
#include "situations.hpp"

#include <map>

namespace truestep::test {
namespace {

// Cancelling: theta is near what the step from 0 moves for many gradients, or m and v near the
// gradient's share for one.

const std::vector<Situation> velocities{
    {"first", {0.01, 0.9}, 1, {1, {}}},
    {"typical", {0.01, 0.9}, 1000, {0x1.99999ap-4f, {-0x1.3a92a4p-9f}}},
    {"tiny_v", {0.01, 0.9}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p-120f}}},
    {"huge_v", {0.01, 0.9}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p100f}}},
    {"many_bits", {0x1.47ae14p-7, 1 - 0x1.999998p-4}, 7, {-0x1.fffffep-1f, {0x1.fffffep-1f}}},
    {"theta_0", {0.1, 0.5}, 10, {0, {0x1.555556p-3f}}},
    {"theta_large", {0.001, 0.99}, 100, {0x1.fffffep+23f, {-0x1.aaaaaap+0f}}},
    {"cancelling_v", {0.3, 0.7}, 2, {0x1p-20f, {0x1.249248p+1f}}},
    {"cancelling_theta", {0.3, 0.7}, 2, {-0x1.99999ap+0f, {0x1.249248p+1f}}},
};

const std::vector<Situation> sums{
    {"first", {0.01, 1e-8}, 1, {1, {}}},
    {"typical", {0.01, 1e-8}, 1000, {0x1.99999ap-4f, {0x1.c71c72p-3f}}},
    {"tiny_sum", {0.01, 1e-30}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p-120f}}},
    {"huge_sum", {0.01, 1e-8}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p100f}}},
    {"many_bits", {0x1.47ae14p-7, 0x1.555556p-9}, 7, {-0x1.fffffep-1f, {0x1.fffffep-1f}}},
    {"theta_0", {0.1, 1e-7}, 10, {0, {0x1.555556p-3f}}},
    {"theta_large", {0.01, 1e-8}, 100, {0x1.fffffep+23f, {0x1.aaaaaap+0f}}},
    {"epsilon_alone", {0.01, 1}, 10, {0x1.99999ap-4f, {0x1.555556p-40f}}},
    {"cancelling_theta", {0.3, 1e-8}, 1, {0x1.333334p-2f, {}}},
};

const std::vector<Situation> adadelta{
    {"first", {0.95, 1e-6}, 1, {1, {}}},
    {"typical", {0.95, 1e-6}, 1000, {0x1.99999ap-4f, {0x1.c71c72p-9f, 0x1.3a92a4p-15f}}},
    {"tiny_s_u", {0.95, 1e-30}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p-110f, 0x1.c71c72p-112f}}},
    {"huge_s", {0.95, 1e-6}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p100f, 0x1.c71c72p-3f}}},
    {"many_bits", {0.9, 0x1.555556p-9}, 7, {-0x1.fffffep-1f, {0x1.fffffep-1f, 0x1.fffffep-3f}}},
    {"theta_0", {0.9, 1e-7}, 10, {0, {0x1.555556p-3f, 0x1.99999ap-11f}}},
    {"theta_large", {0.95, 1e-6}, 100, {0x1.fffffep+23f, {0x1.aaaaaap+0f, 0x1.c71c72p-3f}}},
    {"epsilon_alone", {0.95, 1}, 10, {0x1.99999ap-4f, {0x1.555556p-40f, 0x1.c71c72p-44f}}},
    {"cancelling_theta", {0.95, 1e-6}, 1, {0x1.2514f4p-8f, {}}},
};

const std::vector<Situation> rmsprop{
    {"first", {0.001, 0.9, 1e-8}, 1, {1, {}}},
    {"typical", {0.001, 0.9, 1e-8}, 1000, {0x1.99999ap-4f, {0x1.c71c72p-9f}}},
    {"tiny_s", {0.001, 0.9, 1e-30}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p-110f}}},
    {"huge_s", {0.001, 0.9, 1e-8}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p100f}}},
    {"many_bits",
     {0x1.47ae14p-7, 1 - 0x1.999998p-4, 0x1.555556p-9},
     7,
     {-0x1.fffffep-1f, {0x1.fffffep-1f}}},
    {"theta_0", {0.01, 0.99, 1e-7}, 10, {0, {0x1.555556p-3f}}},
    {"theta_large", {0.001, 0.9, 1e-8}, 100, {0x1.fffffep+23f, {0x1.aaaaaap+0f}}},
    {"epsilon_alone", {0.001, 0.9, 1}, 10, {0x1.99999ap-4f, {0x1.555556p-40f}}},
    {"cancelling_theta", {0.3, 0.9, 1e-8}, 1, {0x1.333334p-2f, {}}},
};

const std::vector<Situation> adam{
    {"first", {0.001, 0.9, 0.999, 1e-8}, 1, {1, {}}},
    {"typical",
     {0.001, 0.9, 0.999, 1e-8},
     1000,
     {0x1.99999ap-4f, {-0x1.3a92a4p-9f, 0x1.c71c72p-15f}}},
    {"tiny_v",
     {0.001, 0.9, 0.999, 1e-8},
     1000,
     {0x1.99999ap-4f, {0x1.3a92a4p-58f, 0x1.6a09e6p-110f}}},
    {"huge_v",
     {0.001, 0.9, 0.999, 1e-8},
     1000,
     {0x1.99999ap-4f, {0x1.3a92a4p+49f, 0x1.6a09e6p+100f}}},
    {"many_bits",
     {0x1.47ae14p-7, 1 - 0x1.999998p-4, 1 - 0x1.47ae14p-7, 0x1.555556p-9},
     7,
     {-0x1.fffffep-1f, {0x1.fffffep-1f, 0x1.fffffep-1f}}},
    {"theta_0", {0.01, 0.9, 0.99, 1e-7}, 10, {0, {0x1.555556p-3f, 0x1.99999ap-5f}}},
    {"theta_large",
     {0.001, 0.9, 0.999, 1e-8},
     100,
     {0x1.fffffep+23f, {-0x1.aaaaaap+0f, 0x1.c71c72p+2f}}},
    {"epsilon_alone",
     {0.001, 0.9, 0.999, 1},
     10,
     {0x1.99999ap-4f, {0x1.555556p-20f, 0x1.c71c72p-40f}}},
    {"cancelling_m", {0.3, 0.9, 0.999, 1e-8}, 2, {0x1p-20f, {-0x1.249248p-3f, 0x1.47ae14p-10f}}},
    {"cancelling_theta", {0.3, 0.9, 0.999, 1e-8}, 1, {0x1.333334p-2f, {}}},
};

}  // namespace

const std::vector<Situation>& situations(const std::string& rule) {
  static const std::map<std::string, const std::vector<Situation>*> all{
      {"momentum", &velocities}, {"nag", &velocities},  {"adagrad", &sums},
      {"adadelta", &adadelta},   {"rmsprop", &rmsprop}, {"adam", &adam}};
  return *all.at(rule);
}

}  // namespace truestep::test
