-- Room on the pages for the counters that change with every claim and answer, so that an update stays on its page.

ALTER TABLE work_item SET (fillfactor = 80);
ALTER TABLE work_assignment SET (fillfactor = 85);
ALTER TABLE work_memberproject SET (fillfactor = 50);
ALTER TABLE work_project SET (fillfactor = 50);
