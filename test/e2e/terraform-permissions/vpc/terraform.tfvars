default_tags = { Project = "resume" }
