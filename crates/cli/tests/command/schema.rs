//! The published schemas: what they accept, and that they are as strict as they claim.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::mta_sts;

/// A way to spoil a report.
type Harm = fn(&mut Value);

/// The validator of `docs/NAME.schema.json`.
pub(crate) fn validator(name: &str) -> Validator {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema(name))
        .unwrap()
}

/// What is wrong with a value, a line for each fault; empty when nothing is.
pub(crate) fn faults(validator: &Validator, value: &Value) -> String {
    let faults: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    faults.join("\n")
}

fn schema(name: &str) -> Value {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let text = fs::read_to_string(docs.join(format!("{name}.schema.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Every object of a schema names all its keys as required and allows no other.
fn loose_objects(schema: &Value, path: &str, found: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            if object.get("type") == Some(&json!("object")) && object.contains_key("properties") {
                let keys: Vec<&String> = object["properties"].as_object().unwrap().keys().collect();
                let mut required: Vec<&str> = object["required"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|key| key.as_str().unwrap())
                    .collect();
                required.sort_unstable();
                let mut keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
                keys.sort_unstable();
                if object.get("additionalProperties") != Some(&json!(false)) || keys != required {
                    found.push(path.to_owned());
                }
            }
            for (key, part) in object {
                loose_objects(part, &format!("{path}/{key}"), found);
            }
        }
        Value::Array(parts) => {
            for (index, part) in parts.iter().enumerate() {
                loose_objects(part, &format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_object_is_closed_and_every_key_required() {
    for name in [
        "report-v1",
        "lint-v1",
        "verify-v1",
        "domains-v1",
        "plan-v1",
        "explain-v1",
        "watch-v1",
    ] {
        let schema = schema(name);
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{name}");
        let mut found = Vec::new();
        loose_objects(&schema, name, &mut found);
        assert_eq!(found, [""; 0]);
    }
}

#[test]
fn a_damaged_report_does_not_pass() {
    let validator = validator("report-v1");
    let report = mta_sts(&["check", "--practice", "two-records.example", "--json"]).json();
    assert_eq!(faults(&validator, &report), "");
    let harms: [(&str, Harm); 6] = [
        ("a key more", |report| report["extra"] = json!(1)),
        ("a key less", |report| {
            report["record"].as_object_mut().unwrap().remove("alias");
        }),
        ("another format", |report| {
            report["format"] = json!("mta-sts-report/2");
        }),
        ("a code in capitals", |report| {
            report["findings"][0]["code"] = json!("Record_Multiple");
        }),
        ("an unknown severity", |report| {
            report["findings"][0]["severity"] = json!("fatal");
        }),
        ("no time", |report| report["checked_at"] = json!("today")),
    ];
    for (name, harm) in harms {
        let mut damaged = report.clone();
        harm(&mut damaged);
        assert!(!validator.is_valid(&damaged), "{name}");
    }
}
