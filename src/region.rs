//! The order of day and month, and the clock, as the person has set them in the system.

use mta_sts_core::DateStyle;

/// Writes days and times as the system does, from now on.
pub fn follow_system() {
    let [date, time] = patterns().unwrap_or_default();
    mta_sts_core::set_date_style(style_of(&date, &time));
}

/// The patterns in which glibc writes a short date and a time, as in strftime(3).
#[cfg(target_os = "linux")]
fn patterns() -> Option<[String; 2]> {
    /// The patterns of the locale that stands for none.
    const NO_LOCALE: [&str; 2] = ["%m/%d/%y", "%H:%M:%S"];
    let locale = std::process::Command::new("locale")
        .args(["d_fmt", "t_fmt"])
        .output()
        .ok()?;
    let text = String::from_utf8(locale.stdout).ok()?;
    let mut lines = text.lines().map(str::to_owned);
    let patterns = [lines.next()?, lines.next()?];
    (patterns != NO_LOCALE).then_some(patterns)
}

/// The patterns of the control panel.
#[cfg(windows)]
fn patterns() -> Option<[String; 2]> {
    let settings = windows_registry::CURRENT_USER
        .open(r"Control Panel\International")
        .ok()?;
    let pattern = |name| settings.get_string(name).ok();
    Some([pattern("sLongDate")?, pattern("sShortTime")?])
}

/// The patterns of the system settings.
#[cfg(target_os = "macos")]
fn patterns() -> Option<[String; 2]> {
    use objc2_foundation::{NSDateFormatter, NSLocale, NSString};

    let locale = NSLocale::currentLocale();
    let pattern = |fields| {
        let fields = NSString::from_str(fields);
        let found =
            NSDateFormatter::dateFormatFromTemplate_options_locale(&fields, 0, Some(&locale));
        found.map(|pattern| pattern.to_string())
    };
    Some([pattern("MMMMdy")?, pattern("jmm")?])
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn patterns() -> Option<[String; 2]> {
    None
}

/// A field of a pattern that decides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Day,
    Month,
    HourOfTwelve,
}

fn style_of(date: &str, time: &str) -> DateStyle {
    DateStyle {
        month_first: fields(date).first() == Some(&Field::Month),
        twelve_hours: fields(time).contains(&Field::HourOfTwelve),
    }
}

fn fields(pattern: &str) -> Vec<Field> {
    if pattern.contains('%') {
        fields_of_strftime(pattern)
    } else {
        fields_of_letters(pattern)
    }
}

fn fields_of_strftime(pattern: &str) -> Vec<Field> {
    let mut parts = pattern.split('%');
    let _before = parts.next();
    let conversions = parts.filter_map(|part| {
        let flags = ['-', '_', '0', '^', '#', 'E', 'O'];
        part.trim_start_matches(flags).chars().next()
    });
    let field = |conversion| match conversion {
        'd' | 'e' => Some(Field::Day),
        'b' | 'B' | 'h' | 'm' | 'D' | 'F' => Some(Field::Month),
        'I' | 'l' | 'p' | 'P' | 'r' => Some(Field::HourOfTwelve),
        _ => None,
    };
    conversions.filter_map(field).collect()
}

/// The letters of Windows and of Unicode (UTS 35). Text stands in single quotation marks; three
/// or more `d` are the day of the week on Windows.
fn fields_of_letters(pattern: &str) -> Vec<Field> {
    let plain: String = pattern.split('\'').step_by(2).collect();
    let letters: Vec<char> = plain.chars().collect();
    let runs = letters.chunk_by(|one, next| one == next);
    let field = |run: &[char]| match run {
        ['d'] | ['d', 'd'] => Some(Field::Day),
        ['M' | 'L', ..] => Some(Field::Month),
        ['h' | 'K', ..] => Some(Field::HourOfTwelve),
        _ => None,
    };
    runs.filter_map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_of_each_system_are_read() {
        for (date, time, month_first, twelve_hours) in [
            // glibc: American, British, German, Japanese, Indian.
            ("%m/%d/%Y", "%r", true, true),
            ("%d/%m/%y", "%T", false, false),
            ("%d.%m.%Y", "%T", false, false),
            ("%Y年%m月%d日", "%H時%M分%S秒", true, false),
            ("%-d/%-m/%y", "%I:%M:%S %p %Z", false, true),
            // Windows: American, British, Swedish, Spanish, Japanese.
            ("dddd, MMMM d, yyyy", "h:mm tt", true, true),
            ("dd MMMM yyyy", "HH:mm", false, false),
            ("'den 'd MMMM yyyy", "HH:mm", false, false),
            ("dddd, d' de 'MMMM' de 'yyyy", "H:mm", false, false),
            ("yyyy'年'M'月'd'日'", "H:mm", true, false),
            // macOS: American, Australian, French.
            ("MMMM d, y", "h:mm\u{202f}a", true, true),
            ("d MMMM y", "h:mm\u{202f}a", false, true),
            ("d MMMM y", "HH:mm", false, false),
            // Nothing is known.
            ("", "", false, false),
            ("%", "'", false, false),
        ] {
            let style = DateStyle {
                month_first,
                twelve_hours,
            };
            assert_eq!(style_of(date, time), style, "{date} {time}");
        }
    }
}
