"""A harness: the instruction text that a role runs under, and the variables that it may use."""

from __future__ import annotations

from gittracker.domain.fields import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Harness(Record):
    """A harness; it has no front matter, `body` is the template."""

    NOUN = "harness"


# OpenASE's catalogue of variables; `[]` is one item of a list.
_CATALOGUE = """
    ticket.id ticket.identifier ticket.title ticket.description ticket.status ticket.priority ticket.type
    ticket.created_by ticket.created_at ticket.attempt_count:int ticket.max_attempts:int ticket.budget_usd:float
    ticket.external_ref ticket.parent_identifier ticket.url ticket.links:list ticket.links[].type
    ticket.links[].url ticket.links[].title ticket.links[].status ticket.dependencies:list
    ticket.dependencies[].identifier ticket.dependencies[].title ticket.dependencies[].type
    ticket.dependencies[].status project.id project.name project.slug project.description project.status
    project.workflows:list project.workflows[].name project.workflows[].type project.workflows[].role_name
    project.workflows[].role_description project.workflows[].pickup_status project.workflows[].finish_status
    project.workflows[].pickup_statuses:list project.workflows[].pickup_statuses[].id
    project.workflows[].pickup_statuses[].name project.workflows[].pickup_statuses[].stage
    project.workflows[].pickup_statuses[].color project.workflows[].finish_statuses:list
    project.workflows[].finish_statuses[].id project.workflows[].finish_statuses[].name
    project.workflows[].finish_statuses[].stage project.workflows[].finish_statuses[].color
    project.workflows[].harness_path project.workflows[].harness_content project.workflows[].skills:list
    project.workflows[].max_concurrent:int project.workflows[].current_active:int
    project.workflows[].recent_tickets:list project.workflows[].recent_tickets[].identifier
    project.workflows[].recent_tickets[].title project.workflows[].recent_tickets[].status
    project.workflows[].recent_tickets[].priority project.workflows[].recent_tickets[].type
    project.workflows[].recent_tickets[].attempt_count:int
    project.workflows[].recent_tickets[].consecutive_errors:int
    project.workflows[].recent_tickets[].retry_paused:bool project.workflows[].recent_tickets[].pause_reason
    project.workflows[].recent_tickets[].created_at project.workflows[].recent_tickets[].started_at
    project.workflows[].recent_tickets[].completed_at project.statuses:list project.statuses[].id
    project.statuses[].name project.statuses[].stage project.statuses[].color project.machines:list
    project.machines[].name project.machines[].host project.machines[].description
    project.machines[].labels:list project.machines[].status project.machines[].resources:object
    project.updates:list project.updates[].id project.updates[].status project.updates[].title
    project.updates[].body_markdown project.updates[].created_by project.updates[].created_at
    project.updates[].updated_at project.updates[].last_activity_at project.updates[].comment_count:int
    project.updates[].comments:list project.updates[].comments[].id project.updates[].comments[].body_markdown
    project.updates[].comments[].created_by project.updates[].comments[].created_at
    project.updates[].comments[].updated_at repos:list repos[].name repos[].url repos[].path repos[].branch
    repos[].default_branch repos[].labels:list all_repos:list agent.id agent.name agent.provider
    agent.adapter_type agent.model agent.total_tickets_completed:int machine.name machine.host
    machine.description machine.labels:list machine.workspace_root accessible_machines:list
    accessible_machines[].name accessible_machines[].host accessible_machines[].description
    accessible_machines[].labels:list accessible_machines[].ssh_user attempt:int max_attempts:int workspace
    timestamp openase_version workflow.name workflow.type workflow.role_name workflow.pickup_status
    workflow.finish_status platform.api_url platform.agent_token platform.project_id platform.ticket_id
"""


def variables() -> dict[str, str]:
    """Give the catalogue: kind (string, int, float, bool, list, object) by path, such as `ticket.links[].url`."""
    rows = (word.partition(":") for word in _CATALOGUE.split())
    return {path: kind or "string" for path, _, kind in rows}


def is_variable(path: str) -> bool:
    """Tell whether a template may use a path such as `ticket.title`; a group as a whole is one too."""
    known = variables()
    return path in known or any(name.startswith((f"{path}.", f"{path}[]")) for name in known)


def sample() -> dict[str, Any]:
    """Give a context in which every variable has a value of its kind, to try a template with."""
    values: dict[str, Any] = {"int": 1, "float": 1.0, "bool": True, "string": "text"}
    made: dict[str, Any] = {}
    for path, kind in variables().items():
        spot: Any = made
        *parents, last = path.split(".")
        for parent in parents:
            name, brackets, _ = parent.partition("[]")
            spot = spot.setdefault(name, [{}] if brackets else {})
            if isinstance(spot, list):
                spot = spot[0]
        empty: dict[str, Any] = {"list": [{}], "object": {}}
        spot.setdefault(last, empty[kind] if kind in empty else values[kind])
    return made
