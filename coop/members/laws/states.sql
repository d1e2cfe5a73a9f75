-- The graph of an application: it is decided once, by the assembly or by who takes it back.

SELECT canut_states('members_application', 'outcome', begins => ARRAY[''], moves => ARRAY[
    '>admitted', '>declined', '>withdrawn']);
