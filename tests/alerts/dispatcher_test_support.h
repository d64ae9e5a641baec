// A dispatcher over a real store, with an admin, a lead and a user; what is sent is kept.
#pragma once

#include <gmock/gmock.h>

#include "../store/store_test_support.h"
#include "purser/alerts/dispatcher.h"

namespace purser::alerts {

struct Sent {
  std::string channel;
  std::string address;
  Message message;
};

class DispatcherTest : public store::StoreTest {
 protected:
  DispatcherTest() {
    ada = make_id(env);
    lea = make_id(env);
  }

  void open_with_people() {
    open_with_key();
    ASSERT_TRUE(store->change([&](store::Change& change) -> Result<void> {
      add_person(change, ada, "Ada Admin", "ada@example.com", 3);
      add_person(change, lea, "Lea Lead", "lea@example.com", 0);
      add_person(change, who.user, "Sam Rivera", "sam@example.com", 0);
      change.sql().run(
          "INSERT INTO teams (workspace, id, name, handle, created) VALUES (?1, ?2, 'Engineering', "
          "'engineering', 0)",
          {change.workspace(), who.team});
      add_membership(change, who.membership, who.user, false);
      add_membership(change, make_id(env), lea, true);
      return {};
    }));
    make_dispatcher({email("mail")});
    dispatcher->plan_once();  // the day's audit head
    sent.clear();
  }
  static void add_person(store::Change& change, const Id& id, const char* name, const char* address,
                         int role) {
    change.sql().run(
        "INSERT INTO users (workspace, id, kind, name, email, handle, role, created) VALUES (?1, "
        "?2, 0, ?3, ?4, ?4, ?5, 0)",
        {change.workspace(), id, name, address, role});
  }
  void add_membership(store::Change& change, const Id& id, const Id& user, bool leads) {
    change.sql().run(
        "INSERT INTO memberships (workspace, id, user_id, team, is_lead, created) VALUES (?1, ?2, "
        "?3, ?4, ?5, 0)",
        {change.workspace(), id, user, who.team, leads});
  }
  static ChannelConfig email(const std::string& name) {
    ChannelConfig channel;
    channel.name = name;
    return channel;
  }
  static ChannelConfig pagerduty(const std::string& name) {
    ChannelConfig channel;
    channel.name = name;
    channel.kind = ChannelKind::pagerduty;
    return channel;
  }
  static ChannelConfig webhook(const std::string& name) {
    ChannelConfig channel;
    channel.name = name;
    channel.kind = ChannelKind::webhook;
    return channel;
  }
  void make_dispatcher(std::vector<ChannelConfig> channels) {
    DispatcherOptions made;
    made.channels = std::move(channels);
    made.send = [this](const ChannelConfig& channel, const Message& message,
                       const Recipient& recipient) {
      sent.push_back({channel.name, recipient.address, message});
      return answer;
    };
    made.scope_name = [this](store::Sql&, const Id&, const ledger::Scope& scope) {
      return std::string(scope.kind == ledger::ScopeKind::user ? "sam@example.com" : "Engineering");
    };
    made.base_url = [] { return std::string("https://purser.example.com"); };
    dispatcher = std::make_unique<Dispatcher>(*store, env, std::move(made));
  }
  std::vector<std::string> run(const std::string& channel = "mail") {
    sent.clear();
    dispatcher->plan_once();
    dispatcher->deliver_once(channel);
    std::vector<std::string> titles;
    for (const Sent& each : sent) titles.push_back(each.address + ": " + each.message.title);
    return titles;
  }
  std::int64_t deliveries(DeliveryState state) {
    return integer("SELECT COUNT(*) FROM deliveries WHERE state = ?1", {static_cast<int>(state)});
  }

  Id ada, lea;
  std::vector<Sent> sent;
  SendResult answer{true, false, {}, {}};
  std::unique_ptr<Dispatcher> dispatcher;
};

}  // namespace purser::alerts
