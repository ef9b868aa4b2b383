# All services, one target each: docker build --target api|edge|sweeper|gateway|all-in-one .
# The targets share one build, so the first image takes the time and the others are copies.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src

# What decides the packages, apart from the sources: this layer is built again only when a package changes.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt ./
COPY shared/Push.Auth/*.csproj shared/Push.Auth/packages.lock.json shared/Push.Auth/
COPY shared/Push.Contracts/*.csproj shared/Push.Contracts/packages.lock.json shared/Push.Contracts/
COPY shared/Push.Presence/*.csproj shared/Push.Presence/packages.lock.json shared/Push.Presence/
COPY shared/Push.ServiceDefaults/*.csproj shared/Push.ServiceDefaults/packages.lock.json shared/Push.ServiceDefaults/
COPY shared/Push.Messaging/*.csproj shared/Push.Messaging/packages.lock.json shared/Push.Messaging/
COPY services/Push.Api/*.csproj services/Push.Api/packages.lock.json services/Push.Api/
COPY services/Push.Edge/*.csproj services/Push.Edge/packages.lock.json services/Push.Edge/
COPY services/Push.Sweeper/*.csproj services/Push.Sweeper/packages.lock.json services/Push.Sweeper/
COPY services/Push.AllInOne/*.csproj services/Push.AllInOne/packages.lock.json services/Push.AllInOne/
COPY gateway/Push.Gateway/*.csproj gateway/Push.Gateway/packages.lock.json gateway/Push.Gateway/
RUN dotnet restore services/Push.AllInOne --locked-mode && dotnet restore gateway/Push.Gateway --locked-mode

# The analyzers have had their say in CI. No host executables: the runtime of the final image starts the assemblies.
COPY shared shared
COPY services services
COPY gateway gateway
ARG PUBLISH="dotnet publish --no-restore --configuration Release -p:RunAnalyzers=false -p:UseAppHost=false -p:DebugType=embedded -p:GenerateDocumentationFile=false"
RUN $PUBLISH services/Push.Api --output /app/api \
 && $PUBLISH services/Push.Edge --output /app/edge \
 && $PUBLISH services/Push.Sweeper --output /app/sweeper \
 && $PUBLISH services/Push.AllInOne --output /app/all-in-one \
 && $PUBLISH gateway/Push.Gateway --output /app/gateway

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS runtime
WORKDIR /app
# Traces and counters stay available (dotnet-trace, dotnet-counters, over /tmp); attaching a debugger or a profiler does not.
ENV DOTNET_EnableDiagnostics_Debugger=0 \
    DOTNET_EnableDiagnostics_Profiler=0
USER $APP_UID

# Health checks ask the service's own port by the service's own assembly: the image has no curl. A service counts as healthy
# from the first good answer on; the two minutes before a bad one counts are for slow machines.
FROM runtime AS api
COPY --from=build /app/api ./
EXPOSE 8082
HEALTHCHECK --interval=10s --timeout=10s --start-period=120s --retries=5 CMD ["dotnet", "Push.Api.dll", "--health"]
ENTRYPOINT ["dotnet", "Push.Api.dll"]

FROM runtime AS edge
COPY --from=build /app/edge ./
EXPOSE 8081
HEALTHCHECK --interval=10s --timeout=10s --start-period=120s --retries=5 CMD ["dotnet", "Push.Edge.dll", "--health"]
ENTRYPOINT ["dotnet", "Push.Edge.dll"]

FROM runtime AS sweeper
COPY --from=build /app/sweeper ./
EXPOSE 8083
HEALTHCHECK --interval=10s --timeout=10s --start-period=120s --retries=5 CMD ["dotnet", "Push.Sweeper.dll", "--health"]
ENTRYPOINT ["dotnet", "Push.Sweeper.dll"]

FROM runtime AS gateway
COPY --from=build /app/gateway ./
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=10s --start-period=120s --retries=5 CMD ["dotnet", "Push.Gateway.dll", "--health"]
ENTRYPOINT ["dotnet", "Push.Gateway.dll"]

# It listens beyond the container, so it wants credentials: --env Access__ApiKeys__0=…, or Access__AllowAnonymous=true.
FROM runtime AS all-in-one
COPY --from=build /app/all-in-one ./
ENV Listen__Url=http://*:8080 \
    Listen__Edge__Url=http://*:8081
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=10s --start-period=120s --retries=5 CMD ["dotnet", "Push.AllInOne.dll", "--health"]
ENTRYPOINT ["dotnet", "Push.AllInOne.dll"]
