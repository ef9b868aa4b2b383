using System.Diagnostics.CodeAnalysis;
using Push.Contracts;
using Push.ServiceDefaults.Http;

namespace Push.Api.Pushes;

/// <summary>A publication with its target, or why there is none.</summary>
internal readonly struct ParsedPush
{
    public ParsedPush(PushRequested push, PushTarget target)
    {
        Push = push;
        Target = target;
    }

    public ParsedPush(Reply refusal) => Refusal = refusal;

    public PushRequested? Push { get; }

    public PushTarget Target { get; }

    public Reply? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Push))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsValid => Push is not null;
}
