// From a handler's result to an answer with the right status.
#pragma once

#include "call.h"

namespace purser::api {

// The HTTP status that an error's code stands for; the table is in answer.cpp and in docs/API.md.
int status_of(const Error& error);

// Bytes that are not UTF-8 (a task's string comes from a header and may hold any) become U+FFFD,
// since they would make the whole answer unreadable.
std::string valid_utf8(std::string text);

ApiResponse to_response(const Result<Reply>& result);

}  // namespace purser::api
