#include "version.hpp"

namespace truestep {

const char* version() { return TRUESTEP_VERSION; }

}  // namespace truestep
