// Boost.JSON is used header-only; its bodies are compiled here, once. Nothing else stands here, so
// that a second such unit in another module cannot clash with it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <boost/json/src.hpp>
#pragma GCC diagnostic pop
