//! Operations: what leaves effects, sets variables or ends the execution.

mod contact;
mod upsert;

crate::words! {
    Instruction:
    upsert_agent_external_identity::UpsertAgentExternalIdentity,
    upsert_team_external_identity::UpsertTeamExternalIdentity,
    upsert_project_external_identity::UpsertProjectExternalIdentity,
    upsert_segment_external_identity::UpsertSegmentExternalIdentity,
    upsert_proposition_external_identity::UpsertPropositionExternalIdentity,
    upsert_activity::UpsertActivity,
    upsert_sale::UpsertSale,
    upsert_call::UpsertCall,
    upsert_anonymous_activity::UpsertAnonymousActivity,
    upsert_period::UpsertPeriod,
    update_contact_activities::UpdateContactActivities,
    update_contact_periods::UpdateContactPeriods,
    insert_contact_period_change::InsertContactPeriodChange,
    define_variable::DefineVariable,
    lock_record_field::LockRecordField,
    skip_record::SkipRecord,
}
