// Every page, by the file that holds it. `cap` is a part of a path, decoded.
#pragma once

#include <string>

#include "visit.h"

namespace purser::pages {

// start_page.cpp
Page start_page(const Visit& visit);

// sign_in_pages.cpp. `next`: where to go afterwards.
Page sign_in_page(const std::string& next, const std::string& what_failed, int status);
Page secret_page(const std::string& next, const std::string& secret, const std::string& what_failed,
                 int status);
api::ApiResponse sign_in(const Visit& visit);
api::ApiResponse set_password(const Visit& visit);
api::ApiResponse sign_out(const Visit& visit);

// raise_page.cpp
Page raise_page(const Visit& visit, const std::string& cap, const std::string& what_failed,
                int status);
Page raise(const Visit& visit, const std::string& cap);

// ask_page.cpp. An empty cap: the one that stands in the way.
Page ask_page(const Visit& visit, const std::string& cap, const std::string& what_failed,
              int status);
Page ask(const Visit& visit, const std::string& cap);

// A form that did not come from one of our pages, or from an older session.
Page foreign_form_page(const std::string& back);

}  // namespace purser::pages
