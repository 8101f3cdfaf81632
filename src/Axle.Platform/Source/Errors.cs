using Axle.Contracts;
using Axle.Platform.Files;

namespace Axle.Platform.Source;

/// <summary>Every refusal of this capability.</summary>
internal static class Errors
{
    public static Error NameRefused(string name) =>
        new("source.name", $"'{SafePath.Shown(name)}' cannot name a repository: use 1 to 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit.", "Choose another name.", 400);

    public static Error Exists(string name) =>
        new("source.exists", $"The repository {name} exists already.", $"axle describe component:{name}", 409);

    public static Error Unknown(string name) =>
        new("source.unknown", $"There is no repository '{SafePath.Shown(name)}' on this platform.", $"axle create <template> {(RepositoryNames.IsName(name) ? name : "<name>")} --owner <team>, or axle import <path|git url>", 404);

    public static Error SignIn(string publicUrl) =>
        new("source.sign_in", "Sign in to reach this repository: any user name, with a token as the password.", $"axle token create, or axle up on the machine of {publicUrl}", 401);

    public static Error NoComponent(string user, string name) =>
        new("source.no_component", $"{user} may not push to {name}: no component is built from it, so only administrators may.", "Add a component with the annotation axle.dev/repository: " + name, 403);

    public static Error Mirror(string name, string upstream) =>
        new("source.mirror", $"{name} mirrors {upstream}, so pushes belong there.", $"git push {upstream}", 403);

    public static Error Busy() =>
        new("source.busy", "Too many clones and pushes run at once on this platform.", "Try again in a minute.", 503);

    public static Error NotEmpty(string what) =>
        new("source.changed", $"{what} changed at the same moment.", "Try again.", 409);

    public static Error NothingToCommit(string name) =>
        new("source.no_files", $"No file was given to commit to {name}.", null, 400);

    public static Error RevisionUnknown(string source, string revision) =>
        new("source.revision_unknown", $"{source} has no branch, tag or commit that '{revision}' begins with.", "Correct the address.", 422);

    public static Error PushRefused(string source, string why) =>
        new("source.push_refused", $"Nothing was pushed to {source}: {why}.", "Choose another name, or let the platform's account push there.", 422);

    public static Error FolderRefused(string why, string next) =>
        new("source.folder", $"The files cannot be committed: {why}.", next, 422);

    public static Error SourceRefused(string why, string next) => new("source.import_refused", why, next, 400);

    public static Error LocalForAdministrators() =>
        new("source.import_local", "Only administrators may import a folder of the server's machine.", "Import a git URL, or ask an administrator.", 403);

    public static Error Unreachable(string source, string detail) =>
        new("source.unreachable", $"{source} cannot be reached: {detail}", "Check the address, and that the server's machine can reach it.", 422);

    public static Error NeedsSignIn(string source) =>
        new("source.needs_sign_in", $"{source} asks for credentials, or does not exist.", "Import a public address; or clone it yourself and run axle import <folder> on the server's machine.", 422);

    public static Error NoRepository(string source) =>
        new("source.not_a_repository", $"There is no git repository at {source}.", "Check the address; a folder becomes one with git init and a first commit.", 422);

    public static Error Empty(string source) =>
        new("source.empty", $"The repository at {source} has no commit yet.", "Make a first commit there, then import again.", 422);

    public static Error TooLarge(string source, long bytesMax) =>
        new("source.too_large", $"The repository at {source} is larger than {bytesMax / 1024 / 1024} MB, the most that this platform imports.", "Remove large files from its history, or raise Source:ImportBytesMax.", 422);

    public static Error FetchFailed(string source, string detail) =>
        new("source.fetch_failed", $"Fetching {source} failed: {detail}", "Correct what git says, then try again.", 422);

    public static Error OwnerUnknown(string owner) =>
        new("source.owner_unknown", $"There is no group or user '{SafePath.Shown(owner)}' to own the component.", "axle get groups", 422);

    public static Error NotInGroup(string user, string owner) =>
        new("source.not_in_group", $"{user} may not create components for {owner}, which they do not belong to.", $"Choose one of your own groups, or ask a member of {owner}.", 403);

    public static Error ComponentTaken(EntityRef component) =>
        new("source.component_exists", $"{component.Short} exists already and comes from elsewhere.", $"Choose another name, or axle describe {component.Short}", 409);

    public static Error CatalogInfo(IReadOnlyList<Problem> problems) =>
        new("source.catalog_info", "catalog-info.yaml of the repository cannot be used.", "Correct it there, then import again.", 422) { Problems = problems };

    public static Error DescriptorMissing(string path, string why) =>
        new("source.no_descriptor", $"'{SafePath.Shown(path)}' cannot be read: {why}.", "Correct the path.", 422);

    public static Error DescriptorsTooMany(int filesMax) =>
        new("source.descriptors_too_many", $"The descriptor names more than {filesMax} files in its Locations.", "Describe more in one file, or register the files by a Location of their own.", 422);

    public static Error DescribedTaken(EntityRef which) =>
        new("source.described_exists", $"{which.Short} exists already.", $"Choose another name, or axle describe {which.Short}", 409);

    public static Error NotMirrored(string name) =>
        new("source.not_mirrored", $"{name} is hosted here and has no upstream, so it needs no webhook.", "git push", 409);

    public static Error HookRefused() =>
        new("source.hook_refused", "The webhook's signature does not fit this repository.", "Compare the secret with the platform's: GET /api/repositories/<name>/hook", 401);

    public static Error HookTooLarge() =>
        new("source.hook_too_large", "The webhook's body is too large.", null, 413);
}
