"""What goes wrong on demand: the plan of it, the answers that it spoils, and the products that cannot be read."""

from satverify.emulator.faults.plan import Fault, FaultKind, FaultPlan, json_of_plan, plan_of_json

__all__ = ["Fault", "FaultKind", "FaultPlan", "json_of_plan", "plan_of_json"]
