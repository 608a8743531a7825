//! The module that everything is linked into: Rust crates as they are, of the
//! helpers what is needed.
//!
//! Not here: reading inputs (`inputs`), what comes after linking (`engine` for a
//! whole module, `unit` for one code-generation unit).

use super::adapt::adapt;
use super::assembly_names::{kept_for_assembly, linked_for_assembly};
use super::below::{WrappedCalls, mark_wrapped};
use super::by_name::ByName;
use super::constructors;
use super::count::{self, Sites};
use super::engine::write;
use super::frames::{Frames, Terms};
use super::harmonize::{self, Profile, Side};
use super::imports::imports;
use super::inputs::{HelperModule, Inputs, Target, link_failure, show};
use super::internalize::{exports, internalize, link_only_needed, needs};
use super::job::{Cause, Failure, Harmonized, Import, Job};
use super::llvm::{Function, Machine, Module};
use super::names::unescape;
use super::replace;
use super::strays::strays;
use crate::manifest::BASELINE;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn is_defined(function: Function<'_>) -> bool {
    !function.global().is_declaration()
}

/// The module that everything is linked into, and what is known of it.
pub(super) struct Linking<'a> {
    pub(super) linked: Module<'a>,
    pub(super) profile: Profile,
    /// Names that stay visible.
    pub(super) exported: BTreeSet<String>,
    /// Names that helper units define, each with its unit.
    defined: BTreeMap<String, String>,
    /// What is called by C names.
    pub(super) by_name: ByName,
    /// Those of them that the final linker may take from elsewhere.
    replaceable: BTreeSet<String>,
    harmonized: Vec<Harmonized>,
    /// Where an archive has all bodies: those that are not here, and why.
    pub(super) archive: Option<BTreeMap<String, (Cause, String)>>,
    /// What is asked of frames.
    pub(super) terms: Terms,
}

impl<'a> Linking<'a> {
    pub(super) fn begin(
        inputs: &Inputs<'a>,
        helpers: &[HelperModule<'a>],
        target: &Target,
    ) -> Result<Linking<'a>, Failure> {
        let first = &helpers[0];
        let linked = Module::new(inputs.context, &inputs.job.name);
        linked.set_triple(&target.triple);
        linked.set_data_layout(&target.layout);
        let mut harmonized = harmonize::apply_flags(&linked, &first.module, inputs.side)
            .map_err(|reason| link_failure(&first.input, reason))?;
        for helper in helpers {
            let added = harmonize::allow_inlining(&helper.module, helper.baseline()?);
            harmonized.extend(added);
            harmonized.extend(helper.harmonized.iter().cloned());
        }
        Ok(Linking {
            linked,
            profile: inputs.profile(helpers)?,
            exported: inputs.job.keep.iter().cloned().collect(),
            defined: BTreeMap::new(),
            by_name: ByName::of(&inputs.job.helpers),
            replaceable: BTreeSet::new(),
            harmonized,
            archive: None,
            terms: Terms::of(inputs.side),
        })
    }

    pub(super) fn add_crates(
        &mut self,
        inputs: &mut Inputs<'a>,
        target: &mut Target,
    ) -> Result<(), Failure> {
        for krate in &inputs.job.crates {
            let module = inputs.krate(&krate.bitcode, target)?;
            unescape(&module);
            let triple = harmonize::triple(&target.triple, &module.triple());
            self.harmonized
                .extend(triple.filter(|line| !self.harmonized.contains(line)));
            self.exported.extend(exports(&module));
            self.profile.apply(&module);
            if inputs.side == Side::Rust {
                target.pic |= harmonize::is_pic(&module);
            }
            inputs.link(&mut self.linked, module, &show(&krate.bitcode))?;
        }
        self.by_name.bind(&self.linked, |_| false)
    }

    pub(super) fn add_helpers(
        &mut self,
        inputs: &mut Inputs<'a>,
        helpers: Vec<HelperModule<'a>>,
    ) -> Result<(), Failure> {
        let strong = replace::strong(helpers.iter().map(|helper| &helper.module));
        for helper in &helpers {
            replace::give_way(&helper.module, &strong);
            let is_defined = |name: &str| self.linked.function(name).is_some_and(is_defined);
            self.by_name.bind(&helper.module, is_defined)?;
        }
        let mut in_assembly = Vec::new();
        if self.archive.is_none() {
            for (helper, input) in helpers.iter().zip(&inputs.job.helpers) {
                in_assembly.extend(linked_for_assembly(inputs, helper, input)?);
            }
        }
        let kept = inputs.job.keep.iter().cloned();
        let shared = helpers.iter().flat_map(|h| needs(&h.module)).chain(kept);
        let shared = shared.chain(in_assembly).collect();
        for HelperModule { input, module, .. } in helpers {
            let replaceable = replace::replaceable(&module);
            let linked = link_only_needed(&module, &shared);
            self.replaceable
                .extend(replace::keep_replaceable(&module, &replaceable));
            for name in linked {
                if name == BASELINE {
                    continue;
                }
                let is_ambiguous = strong.get(&name).is_some_and(|units| *units > 1);
                let other = self.defined.insert(name.clone(), input.clone());
                if let Some(other) = other.filter(|_| is_ambiguous) {
                    let reason =
                        format!("`{name}` is also defined in `{other}`; rename one of them");
                    return Err(link_failure(&input, reason));
                }
            }
            self.harmonized.extend(strays(&module));
            self.profile.share_features(&module);
            inputs.link(&mut self.linked, module, &input)?;
            if inputs.job.kernel {
                let checked = constructors::check(&self.linked);
                checked.map_err(|reason| link_failure(&input, reason))?;
            }
        }
        Ok(())
    }

    /// Makes local what nobody outside needs, drops what nobody needs at all,
    /// and marks the helpers' calls.
    pub(super) fn internalize(
        &mut self,
        job: &Job,
        machine: &Machine<'_>,
    ) -> Result<(Sites, Vec<Import>), Failure> {
        if job.kernel {
            self.linked.used_to_compiler_used();
        }
        let own = kept_for_assembly(&self.linked, job)?;
        self.linked.keep(&own);
        let mut visible = self.exported.clone();
        if !job.kernel {
            visible.extend(self.replaceable.iter().cloned());
        }
        let internalized = internalize(&self.linked, &visible);
        self.harmonized.push(harmonize::linkage(internalized));
        self.linked
            .run_passes("globaldce", machine)
            .map_err(|reason| link_failure(&job.name, reason))?;
        let prefixes: Vec<String> = job.helpers.iter().map(|h| h.prefix.clone()).collect();
        let missing = count::undefined(&self.linked, &prefixes, &BTreeSet::new());
        if !missing.is_empty() {
            let names = missing.into_values().collect();
            return Err(Failure::UndefinedHelpers { names });
        }
        let imports = imports(&self.linked, &self.helpers(job));
        Ok((self.mark(job), imports))
    }

    /// Whether a definition came with the helpers.
    pub(super) fn is_helpers(&self, name: &str) -> bool {
        self.defined.contains_key(name)
    }

    /// The helpers that the inputs define.
    pub(super) fn helpers(&self, job: &Job) -> BTreeSet<String> {
        let is_helper = |name: &&String| job.helpers.iter().any(|h| h.helpers.contains(*name));
        let withheld = self.archive.iter().flat_map(BTreeMap::keys);
        let all = self.defined.keys().chain(withheld);
        all.filter(is_helper).cloned().collect()
    }

    /// Has the optimizer inline the helpers' calls, which are numbered first.
    pub(super) fn mark(&mut self, job: &Job) -> Sites {
        let names = self.helpers(job);
        let mut marked = WrappedCalls::new();
        if job.inline {
            self.harmonized
                .extend(adapt(&self.linked, &names, is_defined, &self.profile));
            let wrapped = job.helpers.iter().flat_map(|h| &h.wrapped);
            let withheld = self.archive.clone().unwrap_or_default();
            marked = mark_wrapped(
                &self.linked,
                &wrapped.cloned().collect(),
                &self.profile,
                &withheld,
            );
        }
        let mut frames = Frames::of(&self.linked, &names, &self.terms);
        let policy = count::Policy {
            inline: job.inline,
            exempt: job.helpers.iter().flat_map(|h| h.exempt.clone()).collect(),
            archive: self.archive.clone(),
            wrapped: marked,
            needed: job.keep.iter().cloned().collect(),
        };
        count::mark(&self.linked, &names, &self.profile, &mut frames, policy)
    }

    /// Lowers it to the job's object, when the optimizer is done.
    pub(super) fn lower(&mut self, job: &Job, machine: &Machine<'_>) -> Result<(), Failure> {
        if !job.kernel {
            self.linked.constructors_to_sections();
        }
        if !job.debug {
            // Their line tables have located the calls that stay.
            self.linked.strip_debug_info();
        }
        let object = self.linked.lower(machine);
        write(
            &job.object,
            &object.map_err(|reason| link_failure(&job.name, reason))?,
        )
    }

    /// All that was made equal, for the report.
    pub(super) fn harmonized(&mut self) -> Vec<Harmonized> {
        let mut harmonized = std::mem::take(&mut self.harmonized);
        harmonized.extend(self.profile.harmonized());
        harmonized
    }
}
