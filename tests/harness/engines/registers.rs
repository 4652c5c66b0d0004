//! Registers: what a story asks of entries, roles and plots. Knows no story.

use proto::pb::node::PlotState;
use proto_edge::node::register_service_client::RegisterServiceClient;

use crate::harness::calls::calls;

calls! { RegisterServiceClient => entry: Entry;
    enter(register: &str, title: &str) = register_entry RegisterEntryRequest {
        register: register.to_owned(), title: title.to_owned()
    };
    /// A household or an owner of a building or stairwell.
    enter_at(register: &str, area: &str) = register_entry RegisterEntryRequest {
        register: register.to_owned(), area: area.to_owned()
    };
    enter_person(register: &str, group: &str) = register_entry RegisterEntryRequest {
        register: register.to_owned(), group: group.to_owned()
    };
    /// Bound to a resident's token.
    enter_bound(register: &str, resident: &str) = register_entry RegisterEntryRequest {
        register: register.to_owned(), resident: resident.to_owned()
    };
    grant_role(name: &str, role: &str, holder: &str) = grant_role GrantRoleRequest {
        name: name.to_owned(), role: role.to_owned(), holder: holder.to_owned()
    };
    move_entry(name: &str, to: &str) = move_entry MoveEntryRequest { name: name.to_owned(), to: to.to_owned() };
    add_plots(name: &str, count: u32) = add_plots AddPlotsRequest { name: name.to_owned(), count: count };
    open_plots(name: &str) = open_plots OpenPlotsRequest { name: name.to_owned() };
    ask_for_plot(name: &str, by: &str) = ask_for_plot AskForPlotRequest { name: name.to_owned(), by: by.to_owned() };
    allot_plots(name: &str) = allot_plots AllotPlotsRequest { name: name.to_owned() };
    change_plot(name: &str, plot: u32, to: PlotState, reason: &str) = change_plot ChangePlotRequest {
        name: name.to_owned(), plot: plot, to: to.into(), reason: reason.to_owned()
    };
}
