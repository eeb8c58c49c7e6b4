# Two counts and a named question from a server of Answerable, in R alone.
#
#     Rscript figures.R http://127.0.0.1:8000 [release]

arguments <- commandArgs(trailingOnly = TRUE)
server <- if (length(arguments) > 0) sub("/$", "", arguments[1]) else "http://127.0.0.1:8000"
# Every answer names its release; an address with the release in it gives the same rows tomorrow.
release <- if (length(arguments) > 1) arguments[2] else {
  headers <- curlGetHeaders(server)
  trimws(sub("^[^:]*:", "", grep("^x-release:", headers, ignore.case = TRUE, value = TRUE)))
}
base <- paste0(server, "/release/", release)

# An empty cell is NA, `true` and `false` are logical. Codes with zeros in front, such as state_m49, are read as text.
read <- function(path, ...) {
  rows <- read.csv(paste0(base, path), na.strings = "", encoding = "UTF-8", ...)
  truths <- vapply(rows, function(column) is.character(column) && all(column %in% c("true", "false", NA)), logical(1))
  rows[truths] <- lapply(rows[truths], function(column) column == "true")
  rows
}

# Parties to each treaty at the end of 2015.
years <- read("/tables/state-treaty-year.csv")
parties <- years[years$year == 2015 & years$ratified, ]
print(table(parties$treaty_short))

# Decisions that found a breach, by treaty body; what has to be read again, or repeats another, is left out.
findings <- read("/tables/findings.csv", colClasses = c(state_m49 = "character"))
breaches <- findings[findings$outcome == "breach" & !findings$needs_review & !findings$in_repeat, ]
print(tapply(breaches$decision, breaches$body_label, function(decision) length(unique(decision))))

# A named question: how many were killed in Zhanaozen, by whose account.
figures <- read("/questions/rival-figures.csv?event=id/event/2011-12-16-zhanaozen")
killed <- figures[figures$countedLabel == "killed", ]
print(killed[c("speakerLabel", "value", "minimum", "maximum", "said")], row.names = FALSE)
