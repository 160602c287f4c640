//! What every database must do for the store: each case runs against every one of them.

mod browse;
mod erasing;
mod harness;
mod people;
mod plans;
mod sqlite_only;
mod writer;

/// Runs every case against a database.
macro_rules! conformance {
    ($database:ident: $new:expr; $($topic:ident { $($case:ident),+ $(,)? })+) => {
        mod $database {
            $(mod $topic {
                $(#[test] fn $case() { crate::$topic::$case(&$new); })+
            })+
        }
    };
}
pub(crate) use conformance;

/// Each of the cases; a case that stands nowhere here is reported as unused by the compiler.
macro_rules! every_case {
    ($database:ident: $new:expr) => {
        crate::conformance! { $database: $new;
            people {
                a_user_is_found_by_address_whatever_its_case_and_has_it_alone,
                sessions_and_links_end,
                somebody_always_administers,
                a_new_address_of_a_source_ends_the_old_one,
            }
            browse {
                records_are_filtered_and_paged,
                records_are_looked_for_a_stretch_at_a_time,
                identities_are_searched_by_their_encrypted_names,
                executions_are_found_by_the_key_of_their_record,
            }
            erasing {
                what_a_job_finds_is_noted_once_and_forgotten,
                records_lose_a_key_wherever_they_hold_it,
                a_source_model_is_erased_and_its_row_stays,
            }
            writer {
                what_is_answered_is_there_after_a_crash,
                a_failed_write_harms_no_other_of_its_commit,
                a_write_that_panics_is_an_error_and_harms_no_other,
                an_answer_that_panics_harms_no_other,
                an_answer_may_submit_more_than_fits_into_the_queue,
                an_answer_that_waits_for_a_write_is_told_so,
                the_last_handle_may_be_dropped_in_an_answer,
                what_was_submitted_before_closing_is_done_and_answered,
                a_reader_that_panics_is_not_lost,
                a_read_sees_one_state,
                many_writers_share_commits,
            }
        }
    };
}

every_case!(sqlite: crate::harness::Sqlite::new());
