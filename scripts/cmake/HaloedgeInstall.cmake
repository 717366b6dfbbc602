# cmake --install installs the program, its manual page, bash completion, job scripts and a module file.
install(TARGETS haloedge RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES scripts/man/haloedge.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES scripts/completion/haloedge.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME haloedge)
file(GLOB jobs CONFIGURE_DEPENDS slurm/*.sbatch)
install(PROGRAMS ${jobs} DESTINATION ${CMAKE_INSTALL_DATADIR}/haloedge/slurm)
install(FILES slurm/common.sh DESTINATION ${CMAKE_INSTALL_DATADIR}/haloedge/slurm)
install(PROGRAMS scripts/plot_scores.py scripts/scaling.py scripts/trace_idle.py DESTINATION ${CMAKE_INSTALL_DATADIR}/haloedge/scripts)
install(DIRECTORY scripts/scaling scripts/scores DESTINATION ${CMAKE_INSTALL_DATADIR}/haloedge/scripts FILES_MATCHING PATTERN "*.py")
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The component own_prefix is for everything but Debian packages. Those refer to Debian's copy of the licence, and must
# have no module file, because unloading the module would remove /usr/bin from the PATH. The module file contains the
# prefix, which is known only during cmake --install --prefix.
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT own_prefix)
install(CODE "
  set(PROJECT_VERSION \"${PROJECT_VERSION}\")
  set(PROJECT_DESCRIPTION \"${PROJECT_DESCRIPTION}\")
  configure_file(\"${PROJECT_SOURCE_DIR}/scripts/packaging/modulefile.in\" \"${PROJECT_BINARY_DIR}/modulefile\" @ONLY)"
  COMPONENT own_prefix)
install(FILES ${PROJECT_BINARY_DIR}/modulefile DESTINATION ${CMAKE_INSTALL_DATADIR}/modulefiles/haloedge
  RENAME ${PROJECT_VERSION} COMPONENT own_prefix)

# The component debian is for Debian packages only.
install(FILES scripts/packaging/debian/copyright scripts/packaging/debian/changelog
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT debian EXCLUDE_FROM_ALL)
